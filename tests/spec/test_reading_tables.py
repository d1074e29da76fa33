"""Reading tables: CSV and TSV files with a mapping file. Read from top to bottom, this is the manual.

Every example is a real table, a real mapping, and the record that comes out.
"""

from datetime import date
from pathlib import Path

import pytest

from rxvigil.errors import UnreadableInput
from rxvigil.facts import Dose, Record
from rxvigil.intake.tables import read_tables, suggest_mapping
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary


@pytest.fixture
def desk(tmp_path: Path, book: RuleBook) -> "Desk":
    return Desk(tmp_path, book.vocabulary)


class Desk:
    """Lays a mapping and its tables in a folder and reads them."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self.folder = folder
        self.vocabulary = vocabulary
        self.tables = folder / "tables"
        self.tables.mkdir()

    def read(self, mapping: str, **files: str) -> list[Record]:
        mapping_file = self.folder / "mapping.yaml"
        mapping_file.write_text(mapping, encoding="utf-8")
        for name, text in files.items():
            (self.tables / f"{name}.csv").write_text(text, encoding="utf-8")
        return list(read_tables(self.tables, mapping_file, self.vocabulary))


LABS = """\
kind: mapping
title: laboratory export of our clinic
patient: patient
dates: DD/MM/YYYY
tables:
  - file: labs.csv
    holds: results
    date: taken
    analyte: {name: test}
    value: result
    unit: unit
    reference: {low: low, high: high}
"""


def test_one_result_per_row(desk: Desk) -> None:
    """A long table: who, when, what, how much, in which unit. Values come out in one unit per analyte."""
    labs = """\
patient,taken,test,result,unit,low,high
A17,05/03/2026,Neutrophils,1400,/uL,2000,7500
A17,05/03/2026,ALT,95,U/L,,40
"""
    (record,) = desk.read(LABS, labs=labs)
    alt, neutrophils = sorted(record.results, key=lambda result: result.analyte)
    assert record.patient.id == "A17"
    assert (neutrophils.value, neutrophils.written) == (1.4, "1400 /uL")
    assert neutrophils.when.first == date(2026, 3, 5)
    assert neutrophils.reference is not None
    assert (neutrophils.reference.low, neutrophils.reference.high) == (2.0, 7.5)
    assert alt.reference is not None
    assert (alt.reference.low, alt.reference.high) == (None, 40)
    assert str(alt.origin) == "result (labs.csv, line 3)"


def test_a_date_that_could_be_two_days_is_refused(desk: Desk) -> None:
    """Without a stated form, 05/03/2026 is not read: the file is refused, with the line and what to write."""
    labs = "patient,taken,test,result,unit,low,high\nA17,05/03/2026,ALT,95,U/L,,\n"
    with pytest.raises(UnreadableInput) as refusal:
        desk.read(LABS.replace("dates: DD/MM/YYYY\n", ""), labs=labs)
    assert refusal.value.where == "labs.csv:2"
    assert "could be day/month or month/day" in refusal.value.what
    assert "dates: DD/MM/YYYY" in refusal.value.do


def test_what_is_not_a_value_is_listed_with_its_place_and_what_it_may_have_hidden(desk: Desk) -> None:
    """Nothing that stands in a value column is dropped, and nothing is taken for a number that is none."""
    labs = """\
patient,taken,test,result,unit,low,high
A17,05/03/2026,Neutrophils,haemolysed,10*9/L,,
A17,06/03/2026,Neutrophils,see comment,10*9/L,,
A17,07/03/2026,Neutrophils,*,10*9/L,,
A17,08/03/2026,Neutrophils,,10*9/L,,
A17,09/03/2026,Neutrophils,=B2*2,10*9/L,,
A17,10/03/2026,Neutrophils,"1,4",10*9/L,,
A17,11/03/2026,Neutrophils,1.4,,,
A17,12/03/2026,Neutrophils,1.4,furlongs,,
A17,13/03/2026,Neutrophils,1400,10*9/L,,
"""
    (record,) = desk.read(LABS, labs=labs)
    assert record.results == ()
    assert [entry.origin.line for entry in record.not_understood] == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert {entry.affects for entry in record.not_understood} == {("neutrophils",)}
    assert all(entry.when is not None for entry in record.not_understood)


def test_values_below_a_limit_and_results_in_words_are_results(desk: Desk) -> None:
    labs = """\
patient,taken,test,result,unit,low,high
A17,05/03/2026,CRP,<5,mg/L,,
A17,05/03/2026,HBsAg,neg,,,
A17,05/03/2026,ALT,95 H,U/L,,
"""
    (record,) = desk.read(LABS, labs=labs)
    read = {result.analyte: (result.comparator, result.value, result.category) for result in record.results}
    assert read == {"crp": ("<", 5.0, None), "hbsag": ("", None, "negative"), "alt": ("", 95.0, None)}


def test_a_code_that_is_none_of_ours_is_counted(desk: Desk) -> None:
    """White cells in urine are not white cells in blood, whatever their name is. Unknown codes are counted."""
    mapping = LABS.replace("analyte: {name: test}", "analyte: {code: loinc, system: loinc, name: test}")
    labs = """\
patient,taken,loinc,test,result,unit,low,high
A17,05/03/2026,6690-2,White cells,4.2,10*9/L,,
A17,05/03/2026,5821-4,WBC urine sediment,1,/[HPF],,
A17,05/03/2026,2157-6,CK,100,U/L,,
A17,06/03/2026,2157-6,CK,110,U/L,,
"""
    (record,) = desk.read(mapping, labs=labs)
    assert [result.value for result in record.results if result.analyte == "white-cells"] == [4.2]
    assert [(one.system, one.code, one.count) for one in record.outside] == [("loinc", "2157-6", 2)]


def test_the_laboratorys_own_codes(desk: Desk) -> None:
    """`means` says what a local code stands for, or that it is `outside` our questions."""
    mapping = LABS.replace(
        "analyte: {name: test}",
        "analyte: {code: test, system: local, means: {WCC1: white-cells, LEUKU: outside}}",
    )
    labs = """\
patient,taken,test,result,unit,low,high
A17,05/03/2026,WCC1,4.2,10*9/L,,
A17,05/03/2026,LEUKU,500,10*9/L,,
"""
    (record,) = desk.read(mapping, labs=labs)
    assert [(result.analyte, result.value) for result in record.results] == [("white-cells", 4.2)]
    assert [one.code for one in record.outside] == ["LEUKU"]


def test_preliminary_and_withdrawn_results(desk: Desk) -> None:
    """Every word of a status column is given its meaning. One that is not given any is listed."""
    mapping = LABS + "    status: {column: status, words: {F: final, P: preliminary, X: withdrawn}}\n"
    labs = """\
patient,taken,test,result,unit,low,high,status
A17,05/03/2026,ALT,40,U/L,,,F
A17,06/03/2026,ALT,50,U/L,,,p
A17,07/03/2026,ALT,60,U/L,,,X
A17,08/03/2026,ALT,70,U/L,,,Q
"""
    (record,) = desk.read(mapping, labs=labs)
    assert [(result.value, result.preliminary) for result in record.results] == [(40, False), (50, True)]
    assert record.unread == {"withdrawn result": 1}
    (listed,) = record.not_understood
    assert (listed.origin.line, listed.affects) == (5, ("alt",))


PANELS = """\
kind: mapping
title: one row per sample
patient: patient
missing: [NA]
tables:
  - file: panels.csv
    holds: panels
    date: taken
    analytes:
      wcc: {analyte: white-cells, unit: "10*9/L"}
      alt: {analyte: alt, unit: U/L}
"""


def test_one_sample_per_row(desk: Desk) -> None:
    """A wide table: one column per analyte, and since a column has no unit, the mapping states it."""
    panels = "patient,taken,wcc,alt,note\nA17,2026-03-05,4.2,,well\nA17,2026-04-05,NA,38,\n"
    (record,) = desk.read(PANELS, panels=panels)
    assert [(result.analyte, result.value) for result in record.results] == [("white-cells", 4.2), ("alt", 38)]
    assert len({result.panel for result in record.results}) == 2, "the row is the sample"
    assert record.unread == {"panels.csv, column note": 1, "result marked as missing": 1}


def test_a_column_named_like_an_analyte_is_not_passed_over(desk: Desk) -> None:
    """The laboratory adds a column; nobody changes the mapping. That must be loud."""
    panels = "patient,taken,wcc,alt,Neutrophils\nA17,2026-03-05,4.2,38,0.9\n"
    with pytest.raises(UnreadableInput, match="'Neutrophils' is named like Neutrophils"):
        desk.read(PANELS, panels=panels)
    assert desk.read(PANELS + "    ignore: [Neutrophils]\n", panels=panels)


def test_rows_without_a_patient_id_are_each_their_own_person(desk: Desk) -> None:
    """`patient: none`: nothing can be followed over time, because no two rows are known to be the same person. Where
    there are no dates either, a nominal day is stated, and every record says so."""
    mapping = PANELS.replace("patient: patient", "patient: none").replace("date: taken", "date: {nominal: 2026-01-01}")
    first, second = desk.read(mapping, panels="wcc,alt\n4.2,38\n3.1,41\n")
    assert (first.patient.id, second.patient.id) == ("row 2", "row 3")
    assert {result.when.first for result in first.results} == {date(2026, 1, 1)}
    assert [entry.what for entry in first.not_understood] == ["date of the sample"]


def test_a_nominal_day_is_refused_where_people_have_several_rows(desk: Desk) -> None:
    with pytest.raises(UnreadableInput, match="nominal date needs `patient: none`"):
        desk.read(PANELS.replace("date: taken", "date: {nominal: 2026-01-01}"), panels="patient,wcc,alt\nA17,4.2,38\n")


CLINIC = """\
kind: mapping
title: everything of a clinic
patient: id
tables:
  - file: people.csv
    holds: patients
    born: born
    sex: {column: sex, words: {F: female, M: male}}
  - file: medicines.csv
    holds: prescriptions
    drug: {name: drug}
    status: {column: state, words: {on: active, off: ended}}
    start: start
    end: stop
    instruction: sig
    dose: {amount: mg, unit: {constant: mg}, per: {constant: day}}
  - file: problems.csv
    holds: conditions
    condition: {code: icd, system: icd10, name: problem}
    status: {constant: active}
    onset: since
  - file: allergies.csv
    holds: allergies
    substance: {name: allergy, means: {None: none-known}}
    status: {constant: active}
  - file: vaccines.csv
    holds: immunisations
    vaccine: {code: cvx, system: cvx, name: vaccine}
    date: given
    status: {constant: given}
"""
TABLES = {
    "people": "id,born,sex\nA17,1984-06-01,F\n",
    "medicines": "id,drug,state,start,stop,sig,mg\n"
    "A17,Azathioprine 50 mg tablets,on,2025-06-01,,three tablets daily,150\n"
    "A17,Allopurinol,off,2024-01-01,2024-12-31,,300\n"
    "A17,Vitamin D,on,2025-06-01,,,\n",
    "problems": "id,icd,problem,since\nA17,K50.1,Crohn's disease of the colon,2019\n",
    "allergies": "id,allergy\nA17,None\n",
    "vaccines": "id,cvx,vaccine,given\nA17,03,MMR,2010-05-05\n",
}


def test_medicines_problems_allergies_vaccines_and_people(desk: Desk) -> None:
    """A folder of tables becomes one record per person."""
    (record,) = desk.read(CLINIC, **TABLES)
    allopurinol, azathioprine = record.prescriptions
    assert (record.patient.sex, record.patient.born and record.patient.born.first) == ("female", date(1984, 6, 1))
    assert (azathioprine.drug, azathioprine.status, azathioprine.dose) == ("azathioprine", "active", Dose(150, 150))
    assert (allopurinol.status, allopurinol.end and allopurinol.end.first) == ("ended", date(2024, 12, 31))
    assert [condition.concept for condition in record.conditions] == ["crohns-disease"]
    assert [allergy.concept for allergy in record.allergies] == ["none-known"]
    assert [vaccine.vaccine for vaccine in record.immunisations] == ["mmr"]
    assert [one.display for one in record.outside] == ["Vitamin D"]
    assert record.lists == ("allergies", "conditions", "immunisations", "prescriptions")


def test_a_file_that_is_not_there_or_not_mapped_is_said(desk: Desk) -> None:
    """A renamed export must not fall silent, and a table nobody mapped is counted in every record."""
    with pytest.raises(UnreadableInput, match=r"no file 'vaccines\.csv', which the mapping names"):
        desk.read(CLINIC, **{name: text for name, text in TABLES.items() if name != "vaccines"})
    (record,) = desk.read(CLINIC, **TABLES, radiology="id,finding\nA17,none\n")
    assert record.unread["file radiology.csv, not in the mapping"] == 1


def test_a_draft_of_a_mapping(desk: Desk) -> None:
    """`suggest_mapping` writes a draft from the headers: guesses are marked, and what only a person can know is a
    question mark, with which no mapping is accepted."""
    (desk.tables / "panels.csv").write_text("MRN,Date,WBC,ALT (U/L)\nA17,13/03/2026,4.2,38\n", encoding="utf-8")
    draft = suggest_mapping(desk.tables, desk.vocabulary)
    assert '"WBC": {analyte: white-cells, unit: "?"}' in draft
    with pytest.raises(UnreadableInput, match="still a question mark"):
        desk.read(draft)
    answered = draft.replace('"ALT (U/L)": {analyte: alt, unit: "?"}', '"ALT (U/L)": {analyte: alt, unit: "U/L"}')
    answered = answered.replace('unit: "?"', 'unit: "10*9/L"').replace('title: "?"', "title: our panels")
    (record,) = desk.read(answered)
    assert [(result.analyte, result.value) for result in record.results] == [("alt", 38), ("white-cells", 4.2)]
