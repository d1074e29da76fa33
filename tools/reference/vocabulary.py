"""The vocabulary: analytes with units and limits of belief, units, drugs, and everything else records speak of."""

from reference.markdown import citation, code, page, plural, table, text
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.vocabulary import Analyte, Codes, ConceptEntry, Drug

KINDS = ("condition", "vaccine", "symptom", "gene", "event")
_PLURAL = {"condition": "Conditions", "vaccine": "Vaccines", "symptom": "Symptoms", "gene": "Genes", "event": "Events"}


def pages(book: RuleBook) -> dict[str, str]:
    """An overview and a page each for analytes, units, drugs and the other concepts."""
    words = book.vocabulary
    return {
        "vocabulary.md": _overview(words),
        "vocabulary/analytes.md": _analytes(book),
        "vocabulary/units.md": _units(words),
        "vocabulary/drugs.md": _drugs(words),
        "vocabulary/concepts.md": _concepts(words),
    }


def _overview(words: Vocabulary) -> str:
    rows = [
        ("[analytes](vocabulary/analytes.md)", str(len(words.analytes)), "what is measured, with units and limits"),
        ("[units](vocabulary/units.md)", str(len(words.dimensions)), "families of units, and what laboratories write"),
        ("[drugs](vocabulary/drugs.md)", str(len(words.drugs)), f"in {plural(len(words.classes), 'class', 'classes')}"),
    ]
    rows += [
        (
            f"[{_PLURAL[kind].lower()}](vocabulary/concepts.md#{_PLURAL[kind].lower()})",
            str(len(words.concepts[kind])),
            "",
        )
        for kind in KINDS
    ]
    lines = [
        "Records name things by codes and by words; rules name them by the keys here. A name is matched whole, without",
        "regard to case and punctuation. Nothing is matched by resemblance: what only resembles a name of ours is",
        "reported as not understood, and a person decides.",
        "",
        *table(("Page", "entries", ""), rows),
    ]
    return page("Vocabulary", lines)


def _codes(codes: Codes) -> str:
    return "\n".join(f"{system} {', '.join(values)}" for system, values in codes.items() if system != "omop" and values)


def _analytes(book: RuleBook) -> str:
    words = book.vocabulary
    rows = [_analyte(one, words) for _, one in sorted(words.analytes.items())]
    sources = dict.fromkeys(one.source for _, one in sorted(words.analytes.items()))
    lines = [
        "*Believed* are the values that are taken as possible: one outside is reported as not understood, never used.",
        "*Fresh for* is how long a value that reassures counts; a worrying one counts until a newer one replaces it.",
        "*Worse* is the direction that harms: of two results at one moment that disagree, the worse counts.",
        "",
        *table(("Key", "Name", "Specimen", "Unit", "Believed", "Fresh for", "Worse", "Codes"), rows),
        "",
        "Where codes, limits and units come from:",
        "",
        *(f"- {citation(source, book, '../')}" for source in sources),
    ]
    return page("Analytes", lines)


def _analyte(one: Analyte, words: Vocabulary) -> tuple[str, ...]:
    unit = words.unit_shown(one.key) if one.dimension else ", ".join(one.categories)
    believed = f"{one.plausible[0]:g} to {one.plausible[1]:g}" if one.plausible else ""
    made = f"\ncalculated from {' and '.join(one.parts)} where not reported" if one.made_from else ""
    return (
        code(one.key), text(one.name) + made, one.specimen, text(unit), believed, one.fresh_for, one.worse,
        _codes(one.codes),
    )  # fmt: skip


def _units(words: Vocabulary) -> str:
    lines = [
        "A value without a unit is not understood, and a unit is never guessed. Factors are to the canonical unit, the",
        "first of each family; conversion is exact decimal arithmetic.",
        "",
        *table(
            ("Family", "Canonical (UCUM)", "Shown as", "Units and factors"),
            (
                (
                    code(key), code(one.canonical), text(one.show),
                    "; ".join(f"{code(unit)} {factor:g}" for unit, factor in one.units.items()),
                )
                for key, one in sorted(words.dimensions.items())
            ),
        ),
        "",
        "## Special to one analyte",
        "",
        *table(
            ("Analyte", "Units and factors"),
            (
                (code(key), "; ".join(f"{code(unit)} {factor:g}" for unit, factor in one.units.items()))
                for key, one in sorted(words.analytes.items())
                if one.units
            ),
        ),
        "",
        "## What laboratories write",
        "",
        *table(
            ("Written", "Means"),
            ((", ".join(code(one) for one in alias.written), code(alias.means)) for alias in words.aliases),
        ),
    ]  # fmt: skip
    return page("Units", lines)


def _drugs(words: Vocabulary) -> str:
    lines = [
        "A *monitored* drug is looked after: its protocol is chosen and its tests have due dates. The others are known",
        "because a rule speaks of them, or because they are mistaken for one that is.",
        "",
        *table(
            ("Key", "Name", "Classes", "Monitored", "Products", "Not to confuse with", "Codes"),
            (_drug(one, words) for _, one in sorted(words.drugs.items())),
        ),
    ]
    return page("Drugs", lines)


def _drug(one: Drug, words: Vocabulary) -> tuple[str, ...]:
    looks = ", ".join(words.show(other) for other in one.not_to_confuse_with)
    dose = f"dose per {one.per}" if one.monitored else ""
    return (
        code(one.key), text(one.name), ", ".join(one.classes), f"yes, {dose}" if one.monitored else "",
        str(len(one.products) or ""), text(looks), _codes(one.codes),
    )  # fmt: skip


def _concepts(words: Vocabulary) -> str:
    lines: list[str] = []
    for kind in KINDS:
        entries = sorted(words.concepts[kind].items())
        lines += [f"## {_PLURAL[kind]}", ""]
        lines += table(("Key", "Name", "Belongs to", "", "Codes"), (_concept(one) for _, one in entries))
        lines.append("")
    return page("Conditions, vaccines, symptoms, genes and events", lines)


def _concept(one: ConceptEntry) -> tuple[str, ...]:
    remarks = []
    if one.specialty:
        remarks.append(one.specialty)
    if one.live is not None:
        remarks.append("live" if one.live else "not live")
    if one.values:
        remarks.append("values: " + ", ".join(one.values))
    return code(one.key), text(one.name), ", ".join(one.classes), "; ".join(remarks), _codes(one.codes)
