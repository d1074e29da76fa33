"""A rich patient by hand: what a busy monitoring nurse meets in one person, and the assessment that answers it.

Maria (not her name; a record needs none) takes azathioprine since June 2025, was not tested over the autumn, was
given allopurinol in February 2026 and has a falling neutrophil count, one result nobody could read, and no weight.
"""

from datetime import date

import msgspec

from rxvigil.engine.assessment import (
    SCHEMA,
    ActionShown,
    Assessment,
    BookShown,
    CourseShown,
    Disagreeing,
    DueTest,
    Explained,
    FactShown,
    Finding,
    Missing,
    ProtocolShown,
    SourceShown,
)
from rxvigil.facts import (
    Bounds,
    Dose,
    Genotype,
    NotUnderstood,
    Origin,
    Outside,
    Patient,
    Prescription,
    Record,
    Result,
    Symptom,
    parse_when,
)

ON = date(2026, 3, 1)
DIGEST = "5f3c1d0a9b8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a"
HOSTILE = "</title></style><script>alert(1)</script>'\"&\x1b[31m\u202e{{7*7}}"
"""What a careless or malicious system may put where a name or an instruction should be."""

_COUNTS = (
    # day, neutrophils, white cells, platelets, haemoglobin, mean cell volume, ALT, albumin, creatinine
    ("2025-05-28", 4.8, 7.4, 262, 128, 88, 24, 42, 71),
    ("2025-06-16", 4.6, 7.1, 255, 127, 88, 26, 42, 70),
    ("2025-06-30", 4.4, 6.9, 251, 128, 89, 25, 41, 73),
    ("2025-07-14", 4.5, 7.0, 248, 126, 90, 31, 42, 72),
    ("2025-07-28", 4.1, 6.6, 240, 126, 91, 38, 41, 70),
    ("2025-08-11", 3.9, 6.2, 236, 125, 92, 35, 41, 74),
    ("2026-02-02", 3.1, 5.4, 214, 121, 97, 58, 39, None),
    ("2026-02-20", 1.4, 3.3, 168, 117, 99, 112, 38, None),
)
_RANGES = {
    "neutrophils": Bounds(2.0, 7.5),
    "white-cells": Bounds(4.0, 11.0),
    "platelets": Bounds(150, 400),
    "haemoglobin": Bounds(115, 165),
    "mcv": Bounds(80, 100),
    "alt": Bounds(None, 40),
    "albumin": Bounds(35, 50),
    "creatinine": Bounds(45, 84),
}


def origin(place: str, line: int | None = None) -> Origin:
    return Origin("maria.json", place, line)


def _results() -> tuple[Result, ...]:
    found = [
        Result(
            id=f"{key}-{day}",
            analyte=key,
            when=parse_when(f"{day}T09:10:00+00:00"),
            origin=origin(f"Observation/{key}-{day}"),
            value=float(value),
            reference=_RANGES[key],
            written=str(value),
            preliminary=day == "2026-02-20" and key == "platelets",
        )
        for day, *values in _COUNTS
        for key, value in zip(_RANGES, values, strict=True)
        if value is not None
    ]
    tgn = Result(id="tgn", analyte="tgn", when=parse_when("2026-02-02"), origin=origin("Observation/tgn"), value=510)
    mmp = Result(
        id="mmp", analyte="mmp", when=parse_when("2026-02"), origin=origin("Observation/mmp"), value=300, comparator="<"
    )
    return (*found, tgn, mmp)


def _prescription(key: str, drug: str, start: str, end: str | None, dose: float | None, **more: str) -> Prescription:
    return Prescription(
        id=key,
        drug=drug,
        origin=origin(f"MedicationRequest/{key}"),
        status="ended" if end else "active",
        start=parse_when(start),
        end=parse_when(end) if end else None,
        dose=Dose(dose, dose) if dose else None,
        product=f"{drug} tablets",
        **more,
    )


_ALLOPURINOL = FactShown(
    "allopurinol-1", "Allopurinol 100 mg/day from 10 Feb 2026", "MedicationRequest/allopurinol-1 (maria.json)"
)
_NEUTROPHILS = FactShown(
    "neutrophils-2026-02-20", "Neutrophils 1.4 ×10⁹/L on 20 Feb 2026", "Observation/neutrophils-2026-02-20 (maria.json)"
)
_ALT = FactShown("alt-2026-02-20", "ALT 112 U/L on 20 Feb 2026", "Observation/alt-2026-02-20 (maria.json)")
_CHECKED = date(2026, 11, 22)
_LABEL = SourceShown(
    "label", "Azathioprine tablets", "FDA", "section 7", "verified", _CHECKED, url="https://example.org/label"
)
_BSR = SourceShown(
    "bsr-2017",
    "Guideline for prescribing and monitoring",
    "British Society for Rheumatology",
    "table 2",
    "secondary",
    _CHECKED,
    via="a regional restatement of the guideline",
    superseded_by="British Society for Rheumatology 2025",
)
_BSR_SCHEDULE = msgspec.structs.replace(_BSR, where="table 1", review_overdue=True)
_HOUSE = SourceShown(
    "house",
    "rxvigil's own choices",
    "rxvigil",
    "grace before a test is overdue",
    "house",
    _CHECKED,
    note="14 days, as clinics do",
)

FINDINGS = (
    Finding(
        rule="interactions/xanthine-oxidase#full-dose",
        kind="interaction",
        tier="STOP",
        cause="xanthine-oxidase inhibitor with a thiopurine",
        says="Allopurinol, taken since 10 Feb 2026, makes azathioprine 150 mg/day several times as strong.",
        action=ActionShown(
            "stop", "Stop azathioprine or allopurinol, repeat the full blood count, call the prescriber.", "now", "must"
        ),
        because=(
            _ALLOPURINOL,
            FactShown("aza-3", "Azathioprine 150 mg/day from 1 Sep 2025", "MedicationRequest/aza-3 (maria.json)"),
        ),
        sources=(_LABEL,),
        disagrees=(
            Disagreeing("EMA leaflet", "Cut azathioprine to a quarter of the dose.", "interactions/xo#ema", "verified"),
        ),
        also=("interactions/xanthine-oxidase#any",),
    ),
    Finding(
        rule="monitoring/azathioprine/bsr-2017#neutrophils-low",
        kind="threshold",
        tier="ACT",
        cause="neutrophils low",
        says="Neutrophils 1.4 ×10⁹/L on 20 Feb 2026 are below 1.6 ×10⁹/L.",
        action=ActionShown("withhold", "Withhold azathioprine and speak to the specialist team.", "today", "should"),
        because=(
            _NEUTROPHILS,
            FactShown("throat", "Sore throat reported 26 Feb 2026", "Condition/throat (maria.json)"),
        ),
        sources=(_BSR,),
        disagrees=(
            Disagreeing(
                "SPS mercaptopurine page", "Acts below 2.0 ×10⁹/L.", "monitoring/mp/sps#neutrophils", "verified"
            ),
        ),
        attest=("Viral infection", "Another medicine that lowers neutrophils"),
        notes=(
            "Grade 2 by CTCAE version 5.0, grade 1 by version 6.0.",
            "The protocol was superseded in November 2025.",
        ),
    ),
    Finding(
        rule="monitoring/azathioprine/bsr-2017#alt-high",
        kind="threshold",
        tier="ACT",
        cause="ALT or AST raised",
        says="ALT 112 U/L on 20 Feb 2026 is above 100 U/L.",
        action=ActionShown("withhold", "Withhold azathioprine and look for other causes.", "this week", "should"),
        because=(_ALT,),
        sources=(_BSR,),
        attest=("Alcohol",),
    ),
    Finding(
        rule="expected/azathioprine#mcv",
        kind="expected",
        tier="KNOW",
        cause="MCV raised",
        says="The mean cell volume rose from 88 to 99 fL, as it does on azathioprine.",
        action=ActionShown("continue", "Nothing to do for this alone.", "routine", "consider"),
        because=(
            FactShown(
                "mcv-2026-02-20", "Mean cell volume 99 fL on 20 Feb 2026", "Observation/mcv-2026-02-20 (maria.json)"
            ),
            FactShown(
                "tgn", "Thioguanine nucleotides 510 pmol/8×10⁸ red cells on 2 Feb 2026", "Observation/tgn (maria.json)"
            ),
            FactShown(
                "mmp", "Methylmercaptopurine <300 pmol/8×10⁸ red cells in Feb 2026", "Observation/mmp (maria.json)"
            ),
        ),
        sources=(_HOUSE,),
    ),
    Finding(
        rule="dose/azathioprine#above-label",
        kind="dose",
        tier="CANNOT SAY",
        cause="dose per kg not known",
        says="Whether the dose is within 1 to 3 mg/kg/day cannot be said.",
        action=ActionShown("ask", "Weigh the patient.", "soon", "should"),
        missing=(Missing("Weight", "no result in the record", "weigh the patient"),),
        would_be="ACT",
        unanswered=("dose/azathioprine#above-label", "dose/azathioprine#below-label"),
    ),
    Finding(
        rule="monitoring/azathioprine/bsr-2017#hys-law",
        kind="danger",
        tier="CANNOT SAY",
        cause="bilirubin not known",
        says="Whether ALT and bilirubin are raised together cannot be said.",
        action=ActionShown("test", "Add bilirubin to the next blood test.", "this week", "should"),
        missing=(Missing("Bilirubin", "no result in the record", "find or take a result for bilirubin"),),
        would_be="STOP",
        unanswered=("monitoring/azathioprine/bsr-2017#hys-law",),
    ),
)

NOT_UNDERSTOOD = (
    NotUnderstood(
        origin=origin("Observation/neutrophils-2026-02-25", 31),
        what="Neutrophils result",
        why="it has no unit",
        affects=("neutrophils",),
        when=parse_when("2026-02-25"),
    ),
    NotUnderstood(
        origin=origin("MedicationStatement/7"),
        what="Medicine",
        why="no code and no name we know",
        affects=("any-drug",),
    ),
)
OUTSIDE = (Outside("results", "http://loinc.org", "8302-2", "Body height", 3),)


def sample_record(patient: str = "Q17-204") -> Record:
    """The facts."""
    return Record(
        patient=Patient(patient, born=parse_when("1979-04-12"), sex="female"),
        results=_results(),
        prescriptions=(
            _prescription("aza-1", "azathioprine", "2025-06-02", "2025-06-30", 50.0),
            _prescription("aza-2", "azathioprine", "2025-07-01", "2025-08-31", 100.0),
            _prescription("aza-3", "azathioprine", "2025-09-01", None, 150.0),
            _prescription("allopurinol-1", "allopurinol", "2026-02-10", None, 100.0),
        ),
        genotypes=(
            Genotype(
                id="nudt15",
                gene="nudt15",
                origin=origin("Observation/nudt15"),
                when=parse_when("2025-05-20"),
                phenotype="normal",
            ),
        ),
        symptoms=(
            Symptom(
                id="throat", concept="sore-throat", when=parse_when("2026-02-26"), origin=origin("Condition/throat")
            ),
        ),
        not_understood=NOT_UNDERSTOOD,
        outside=OUTSIDE,
        unread={"Encounter": 12, "Claim": 3},
        lists=("prescriptions", "results"),
    )


def sample_assessment(patient: str = "Q17-204") -> Assessment:
    """What the engine would answer."""
    return Assessment(
        schema=SCHEMA,
        patient=sample_record(patient).patient,
        on=ON,
        book=BookShown(
            DIGEST, 412, overlay="Northfield clinic", changes=("ALT limit 100 U/L instead of 2 × upper limit",)
        ),
        jurisdiction="UK",
        summary="One thing to stop now, two to act on, two that cannot be said; blood tests are overdue.",
        courses=(
            CourseShown(
                drug="azathioprine",
                name="Azathioprine",
                start="2025-06-02",
                dose_mg_per_day=(150.0, 150.0),
                dose_since=date(2025, 9, 1),
            ),
        ),
        protocols=(
            ProtocolShown(
                drug="azathioprine",
                id="monitoring/azathioprine/bsr-2017",
                title="Azathioprine, rheumatology, UK",
                body="British Society for Rheumatology",
                chosen_because="the default for rheumatology in the UK",
                status="Superseded in November 2025 by the 2025 guideline, whose numbers have not been read.",
                gaps=("The 2025 thresholds were not found.",),
                source=_BSR_SCHEDULE,
            ),
        ),
        findings=FINDINGS,
        next_tests=(
            DueTest(
                test="full-blood-count",
                name="Full blood count",
                status="in date",
                due=date(2026, 3, 6),
                last=date(2026, 2, 20),
                because="every 2 weeks until the dose has been stable for 6 weeks",
                protocols=("monitoring/azathioprine/bsr-2017",),
            ),
            DueTest(
                test="creatinine",
                name="Creatinine",
                status="overdue",
                due=date(2025, 11, 3),
                overdue_after=date(2025, 11, 17),
                last=date(2025, 8, 11),
                because="every 12 weeks",
                protocols=("monitoring/azathioprine/bsr-2017",),
            ),
            DueTest(
                test="liver-tests",
                name="Liver tests",
                status="due",
                due=date(2026, 2, 27),
                overdue_after=date(2026, 3, 6),
                last=date(2026, 2, 20),
                because="weekly while ALT is raised",
                protocols=("monitoring/azathioprine/bsr-2017",),
                strength="must",
            ),
            DueTest(test="bilirubin", name="Bilirubin", status="cannot say", because="no result in the record"),
        ),
        not_understood=NOT_UNDERSTOOD,
        outside=OUTSIDE,
        unread={"Encounter": 12, "Claim": 3},
        explained=(
            Explained(
                "monitoring/azathioprine/bsr-2017#platelets-low",
                "silent",
                "168 is not below 140",
                "platelets.latest < 140 10*9/L",
            ),
            Explained("dose/azathioprine#above-label", "cannot say", "no usable weight", "this.dose > 3 mg/kg/d"),
            Explained("pregnancy/azathioprine#planned", "not asked", "not for this patient"),
            Explained(
                "monitoring/azathioprine/bsr-2017#neutrophils-low",
                "fires",
                "1.4 is below 1.6",
                "neutrophils.latest < 1.6 10*9/L",
            ),
        ),
    )


def hostile() -> tuple[Assessment, Record]:
    """The same with hostile strings wherever a record or a site can put words."""
    record = sample_record(HOSTILE)
    bad = msgspec.structs.replace(record.not_understood[0], what=HOSTILE, why=HOSTILE, origin=Origin(HOSTILE, HOSTILE))
    first = msgspec.structs.replace(
        FINDINGS[0],
        says=HOSTILE,
        cause=HOSTILE,
        because=(FactShown("allopurinol-1", HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
        sources=(msgspec.structs.replace(_LABEL, title=HOSTILE, url="javascript:alert(1)"),),
    )
    genotype = msgspec.structs.replace(record.genotypes[0], phenotype=None, written=HOSTILE)
    assessment = msgspec.structs.replace(
        sample_assessment(HOSTILE), findings=(first, *FINDINGS[1:]), summary=HOSTILE, not_understood=(bad,)
    )
    return assessment, msgspec.structs.replace(record, not_understood=(bad,), genotypes=(genotype,))
