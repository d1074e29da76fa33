"""The vocabulary's known traps: codes that public software gets wrong, look-alike names, samples that are not blood.

Each trap was seen in the wild.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pytest

from rxvigil.knowledge.loader import build, read_knowledge, shipped_knowledge
from rxvigil.knowledge.lookup import UnitProblem, Vocabulary, normal
from rxvigil.knowledge.vocabulary import Codes

WORDS: Vocabulary = build(read_knowledge(shipped_knowledge() / "vocabulary")).vocabulary


# ------------------------------------------------------------------------------------------- keys, names and codes


def plain(codes: Codes) -> dict[str, tuple[str, ...]]:
    return {str(system): listed for system, listed in codes.items()}


def entries() -> Iterator[tuple[str, str, list[str], dict[str, tuple[str, ...]]]]:
    """Kind, key, names and codes of every entry; the codes of a medicine's products count as its own."""
    for analyte in WORDS.analytes.values():
        yield "analyte", analyte.key, [analyte.name, *analyte.names], plain(analyte.codes)
    for drug in WORDS.drugs.values():
        codes = plain(drug.codes)
        for product in drug.products:
            for system, more in plain(product.codes).items():
                codes[system] = (*codes.get(system, ()), *more)
        yield "drug", drug.key, [drug.name, *drug.names], codes
    for group in WORDS.classes.values():
        yield "drug", group.key, [group.name], {}
    for kind, concepts in WORDS.concepts.items():
        for concept in concepts.values():
            yield kind, concept.key, [concept.name, *concept.names], plain(concept.codes)
    for panel in WORDS.panels.values():
        yield "panel", panel.key, [panel.name, *panel.names], plain(panel.codes)
    for specialty in WORDS.specialties.values():
        yield "specialty", specialty.key, [specialty.name], {}


def repeated(things: Iterable[object]) -> list[object]:
    return [thing for thing, times in Counter(things).items() if times > 1]


def test_a_key_means_one_thing_in_the_whole_vocabulary() -> None:
    """A rule says subject.measure: the subject alone must tell its kind."""
    assert repeated(key for _, key, _, _ in entries()) == []


def test_a_name_means_one_thing_within_its_kind() -> None:
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, key, names, _ in entries():
        for name in (key, *names):
            assert normal(name), f"nothing is left of the name {name!r} of {key}"
            said[kind, normal(name)].add(key)
    assert {name: keys for name, keys in said.items() if len(keys) > 1} == {}


def test_a_name_is_listed_once() -> None:
    for _, key, names, _ in entries():
        assert repeated(map(normal, names)) == [], key


def test_a_code_means_one_thing_within_its_kind() -> None:
    codes = [(kind, system, code) for kind, _, _, by in entries() for system, listed in by.items() for code in listed]
    assert repeated(codes) == []


def test_what_an_entry_refers_to_exists() -> None:
    for analyte in WORDS.analytes.values():
        assert analyte.dimension is None or analyte.dimension in WORDS.dimensions, analyte.key
        assert set(analyte.parts) <= set(WORDS.analytes), analyte.key
        assert analyte.dimension or analyte.categories, f"{analyte.key} can be read neither as number nor as word"
    for drug in WORDS.drugs.values():
        assert set(drug.classes) <= set(WORDS.classes), drug.key
        assert set(drug.not_to_confuse_with) <= set(WORDS.drugs), drug.key
    for concepts in WORDS.concepts.values():
        for concept in concepts.values():
            assert set(concept.classes) <= set(concepts), concept.key
            assert concept.specialty is None or concept.specialty in WORDS.specialties, concept.key
    for panel in WORDS.panels.values():
        assert {*panel.all, *(key for group in panel.any for key in group)} <= set(WORDS.analytes), panel.key


def test_a_result_word_means_one_category_and_not_detected_is_never_positive() -> None:
    for analyte in WORDS.analytes.values():
        words = [normal(word) for words in analyte.categories.values() for word in words]
        assert repeated(words) == [], analyte.key
        assert all(words), analyte.key
        for category, meaning in analyte.categories.items():
            denied = any(normal(word).startswith(("not ", "non ", "un", "no ")) for word in meaning)
            assert not (denied and category == "positive"), analyte.key


# --------------------------------------------------------------------------------------------------- medicines


@pytest.mark.parametrize(
    ("system", "code", "is_", "public_code_said"),
    [
        ("rxnorm", "1256", "azathioprine", ""),
        ("rxnorm", "6387", "lidocaine", "azathioprine"),
        ("rxnorm", "5640", "ibuprofen", "indometacin"),
        ("rxnorm", "5781", "indometacin", ""),
        ("rxnorm", "41493", "meloxicam", "febuxostat"),
        ("rxnorm", "73689", "febuxostat", ""),
        ("rxnorm", "4821", "glipizide", ""),
        ("rxnorm", "1251", "azacitidine", ""),
        ("rxnorm", "18631", "azithromycin", ""),
        ("snomed", "372574004", "azathioprine", "azithromycin"),
        ("rxnorm", "68149", "mycophenolate", ""),
        ("rxnorm", "7145", "mycophenolate", ""),
        ("rxnorm", "408142", "mycophenolate", ""),
        ("rxnorm", "29046", "lisinopril", ""),
        ("rxnorm", "1546022", "lisinopril", ""),
        ("rxnorm", "8640", "prednisolone", ""),
        ("atc", "L04AX01", "azathioprine", ""),
        ("omop", "19014878", "azathioprine", ""),
        ("unii", "MRK240IY2L", "azathioprine", ""),
    ],
)
def test_a_code_is_the_medicine_it_is_and_not_what_public_code_says(
    system: str, code: str, is_: str, public_code_said: str
) -> None:
    match = WORDS.drug_by_code(system, code)
    assert match is not None
    assert match.drug.key == is_ != public_code_said


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("108831", "a made-up code for azathioprine 50 mg"),
        ("833036", "displayed as captopril in sample records; it is acetaminophen with hydrocodone"),
        ("359228", "inferred for azathioprine 100 mg, read by nobody"),
        ("404476", "inferred for Azasan 100 mg, read by nobody"),
    ],
)
def test_a_code_that_nobody_has_read_is_not_in_the_vocabulary(code: str, why: str) -> None:
    assert WORDS.drug_by_code("rxnorm", code) is None, why


@pytest.mark.parametrize(
    ("code", "strength", "brand"),
    [
        ("199310", "25 mg", None),
        ("197388", "50 mg", None),
        ("359229", "75 mg", None),
        ("105611", "50 mg", "Imuran"),
        ("105610", "25 mg", "Imuran"),
        ("404475", "75 mg", "Azasan"),
        ("239983", "100 mg", None),
    ],
)
def test_a_product_code_of_azathioprine_tells_strength_and_brand(code: str, strength: str, brand: str | None) -> None:
    match = WORDS.drug_by_code("rxnorm", code)
    assert match is not None
    assert match.drug.key == "azathioprine"
    assert match.product is not None
    assert (match.product.strength, match.product.brand) == (strength, brand)


def test_the_strength_in_a_products_name_is_its_strength() -> None:
    for drug in WORDS.drugs.values():
        for product in drug.products:
            if product.strength:
                assert normal(product.strength) in normal(product.name), f"{drug.key}: {product.name}"


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Azathioprine 50 mg tablets", ["azathioprine"]),
        ("IMURAN 50MG TABS", ["azathioprine"]),
        ("Azithromycin 250 mg", ["azithromycin"]),
        ("azacitidine 100 mg vial", ["azacitidine"]),
        ("5-ASA 800 mg", ["mesalazine"]),
        ("6-MP 50 mg", ["mercaptopurine"]),
        ("6-thioguanine", ["tioguanine"]),
        ("Puri-Nethol", ["mercaptopurine"]),
        ("AZA 150 mg", []),
        ("AZT 300 mg", []),
        ("MP 40 mg", []),
        ("ASA 75 mg", []),
    ],
)
def test_names_in_free_text_find_the_medicine_and_shared_abbreviations_find_none(text: str, drugs: list[str]) -> None:
    """AZA is azathioprine or azacitidine, AZT zidovudine or azathioprine, MP mercaptopurine or methylprednisolone."""
    assert [drug.key for drug in WORDS.drugs_named_in(text)] == drugs


def test_look_alikes_know_of_each_other() -> None:
    azathioprine = WORDS.drugs["azathioprine"]
    assert {"azithromycin", "azacitidine"} <= set(azathioprine.not_to_confuse_with)
    for key in azathioprine.not_to_confuse_with:
        assert "azathioprine" in WORDS.drugs[key].not_to_confuse_with


def test_methotrexate_is_spoken_of_by_the_week_and_nothing_else_is() -> None:
    assert [drug.key for drug in WORDS.drugs.values() if drug.per == "week"] == ["methotrexate"]


# -------------------------------------------------------------------------------------------------------- tests


@pytest.mark.parametrize(
    ("loinc", "analyte"),
    [
        ("6690-2", "white-cells"),
        ("5821-4", "urine-white-cells"),
        ("751-8", "neutrophils"),
        ("770-8", "neutrophils-percent"),
        ("62238-1", "egfr"),
        ("98979-8", "egfr"),
        ("3094-0", "urea-nitrogen"),
        ("22664-7", "urea"),
        ("5804-0", "urine-protein"),
        ("32660-3", "tgn"),
        ("32654-6", "mmp"),
    ],
)
def test_a_loinc_code_is_the_test_and_the_specimen_it_is(loinc: str, analyte: str) -> None:
    found = WORDS.analyte_by_code("loinc", loinc)
    assert found is not None
    assert found.key == analyte


@pytest.mark.parametrize(
    ("loinc", "why"),
    [
        ("31204-1", "core IgM alone: negative in most people with past hepatitis B"),
        ("2161-8", "creatinine in urine"),
        ("806-0", "white cells in spinal fluid"),
        ("26508-2", "band forms only, not all neutrophils"),
        ("49654-7", "one variant of TPMT, not the genotype"),
    ],
)
def test_a_near_miss_is_none_of_ours(loinc: str, why: str) -> None:
    assert WORDS.analyte_by_code("loinc", loinc) is None, why
    assert WORDS.concept_by_code("gene", "loinc", loinc) is None, why


def test_no_test_on_blood_shares_a_name_with_one_on_urine() -> None:
    for key in ("urine-white-cells", "urine-protein"):
        assert WORDS.analytes[key].specimen == "urine"
    assert WORDS.analyte_by_name("Leukocytes") == WORDS.analytes["white-cells"]
    assert WORDS.analyte_by_name("Urine leukocytes") == WORDS.analytes["urine-white-cells"]


def test_a_percentage_never_becomes_an_absolute_count() -> None:
    bare = WORDS.analyte_by_name("Neutrophils")
    assert bare is not None
    assert bare.key == "neutrophils"
    assert isinstance(WORDS.convert("neutrophils", 62, "%"), UnitProblem)
    assert isinstance(WORDS.convert("neutrophils-percent", 3.1, "10*9/L"), UnitProblem)
    assert WORDS.convert("neutrophils-percent", 62, "%") == 62


@pytest.mark.parametrize("key", ["neutrophils", "lymphocytes", "eosinophils"])
def test_an_absolute_count_can_be_made_from_its_percentage(key: str) -> None:
    analyte = WORDS.analytes[key]
    assert analyte.made_from == "percent-of-white-cells"
    assert analyte.parts == ("white-cells", f"{key}-percent")


def test_the_metabolite_ratio_is_mmp_over_tgn() -> None:
    ratio = WORDS.analytes["mmp-tgn-ratio"]
    assert (ratio.made_from, ratio.parts) == ("ratio", ("mmp", "tgn"))


# --------------------------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("K50", "crohns-disease"),
        ("K50.10", "crohns-disease"),
        ("K5110", "ulcerative-colitis"),
        ("L40.0", "psoriasis"),
        ("L40.52", "psoriatic-arthritis"),
        ("C86.1", "hepatosplenic-t-cell-lymphoma"),
        ("C86.4", "lymphoma"),
        ("C43.9", "melanoma"),
        ("C44.31", "skin-cancer"),
        ("C50.912", "malignancy"),
        ("N18.31", "ckd-stage-3"),
        ("K74.60", "cirrhosis"),
        ("K74.0", "chronic-liver-disease"),
        ("M33.20", "polymyositis"),
        ("M33.13", "dermatomyositis"),
    ],
)
@pytest.mark.parametrize("system", ["icd10", "icd10cm"])
def test_an_icd_10_code_is_the_narrowest_condition_above_it(system: str, code: str, condition: str) -> None:
    found = WORDS.concept_by_code("condition", system, code)
    assert found is not None
    assert found.key == condition


@pytest.mark.parametrize("code", ["K52.9", "M06.1", "Z94.81", "Z85.3", "J84.10", "O26.61", "D72.819"])
def test_a_neighbouring_icd_10_code_is_none_of_ours(code: str) -> None:
    """Other colitis, Still's disease, marrow graft, past cancer, other fibrosis, other liver disorder of pregnancy,
    low white cells that are not neutrophils."""
    assert WORDS.concept_by_code("condition", "icd10cm", code) is None


def test_the_snomed_description_that_one_record_gives_for_tpmt_deficiency_is_no_code_but_its_name_is_known() -> None:
    assert WORDS.concept_by_code("condition", "snomed", "356744012") is None
    found = WORDS.concept_by_name("condition", "Thiopurine methyltransferase deficiency")
    assert found is not None
    assert found.key == "tpmt-deficiency"


def test_every_kind_of_cancer_is_a_malignancy() -> None:
    cancers = {"lymphoma", "hepatosplenic-t-cell-lymphoma", "leukaemia", "skin-cancer", "melanoma", "cervical-cancer"}
    assert cancers <= WORDS.members("malignancy")


# ----------------------------------------------------------------------------------------------------- vaccines


def test_every_vaccine_is_either_live_or_not_and_stands_in_that_group() -> None:
    for vaccine in WORDS.concepts["vaccine"].values():
        group = "live-vaccine" if vaccine.live else "inactivated-vaccine"
        assert vaccine.live is not None, vaccine.key
        assert vaccine.key == group or vaccine.classes == (group,), vaccine.key


@pytest.mark.parametrize(
    ("cvx", "vaccine", "live"),
    [
        ("121", "zoster-live", True),
        ("187", "zoster-recombinant", False),
        ("149", "influenza-live", True),
        ("140", "influenza", False),
        ("206", "mva", False),
        ("75", "smallpox", True),
        ("317", "chikungunya-live", True),
        ("03", "mmr", True),
        ("10", "polio-inactivated", False),
        ("02", "polio-oral", True),
    ],
)
def test_live_and_non_live_vaccines_against_one_disease_are_told_apart(cvx: str, vaccine: str, live: bool) -> None:
    found = WORDS.concept_by_code("vaccine", "cvx", cvx)
    assert found is not None
    assert (found.key, found.live) == (vaccine, live)


@pytest.mark.parametrize("cvx", ["329", "503"])
def test_a_vaccine_code_that_would_mislead_is_left_out(cvx: str) -> None:
    """329: chikungunya, not live. 503: a live COVID-19 vaccine, where COVID-19 stands for the non-live ones."""
    assert WORDS.concept_by_code("vaccine", "cvx", cvx) is None


@pytest.mark.parametrize("name", ["zoster", "Shingles vaccine", "Typhoid vaccine", "Polio vaccine"])
def test_a_vaccine_name_that_leaves_open_whether_it_is_live_is_nobodys(name: str) -> None:
    assert WORDS.concept_by_name("vaccine", name) is None
