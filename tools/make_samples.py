"""Writes the eight made-up patients of `rxvigil demo` as FHIR R4 Bundles into src/rxvigil/samples.

Run it after changing a patient here: `python tools/make_samples.py`. The people, dates and values are invented;
the shapes (US Core, UK Core, IPS, a search result, a transaction) are those that real systems send.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "src" / "rxvigil" / "samples"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
RXNORM, CVX = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
Json = dict[str, Any]

LABS = {
    "wbc": ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*9/L", (4.0, 11.0)),
    "neut": ("751-8", "Neutrophils [#/volume] in Blood by Automated count", "10*9/L", (1.8, 7.5)),
    "lymph": ("731-0", "Lymphocytes [#/volume] in Blood by Automated count", "10*9/L", (1.0, 4.0)),
    "eos": ("711-2", "Eosinophils [#/volume] in Blood by Automated count", "10*9/L", (0.0, 0.5)),
    "plt": ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*9/L", (150, 400)),
    "hb": ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/L", (120, 160)),
    "mcv": ("787-2", "MCV [Entitic volume] by Automated count", "fL", (80, 100)),
    "alt": ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", (0, 40)),
    "ast": ("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", (0, 40)),
    "alp": ("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "U/L", (30, 130)),
    "bili": ("14631-6", "Bilirubin.total [Moles/volume] in Serum or Plasma", "umol/L", (0, 21)),
    "alb": ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/L", (35, 50)),
    "creat": ("14682-9", "Creatinine [Moles/volume] in Serum or Plasma", "umol/L", (45, 90)),
    "egfr": ("98979-8", "Glomerular filtration rate by CKD-EPI 2021", "mL/min/{1.73_m2}", None),
    "inr": ("6301-6", "INR in Platelet poor plasma by Coagulation assay", "{INR}", None),
    "tgn": ("32660-3", "6-Thioguanine nucleotides in red cells", "pmol/(8.10*8.{RBC})", None),
    "mmp": ("32654-6", "6-Methylmercaptopurine nucleotides in red cells", "pmol/(8.10*8.{RBC})", None),
    "weight": ("29463-7", "Body weight", "kg", None),
    "height": ("8302-2", "Body height", "cm", None),
    "sbp": ("8480-6", "Systolic blood pressure", "mm[Hg]", None),
    "dbp": ("8462-4", "Diastolic blood pressure", "mm[Hg]", None),
}
SEROLOGY = {
    "hbsag": ("5195-3", "Hepatitis B virus surface Ag [Presence] in Serum"),
    "hcv": ("16128-1", "Hepatitis C virus Ab [Presence] in Serum"),
    "hiv": ("56888-1", "HIV 1+2 Ab and HIV1 p24 Ag [Presence] in Serum or Plasma"),
    "vzv": ("15410-4", "Varicella zoster virus IgG Ab [Presence] in Serum"),
}


class Bundle:
    """Collects the resources of one invented patient."""

    def __init__(self, name: str, sex: str, born: str) -> None:
        self.name = name
        self.made = 0
        self.resources: list[Json] = [{"resourceType": "Patient", "id": name, "gender": sex, "birthDate": born}]

    def add(self, kind: str, **fields: Any) -> Json:
        self.made += 1
        subject = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
        resource = {
            "resourceType": kind, "id": f"{kind.lower()}-{self.made}",
            subject: {"reference": f"Patient/{self.name}"}, **fields,
        }  # fmt: skip
        self.resources.append(resource)
        return resource

    def lab(self, key: str, value: float, day: str, **more: Any) -> Json:
        code, display, unit, limits = LABS[key]
        category = "vital-signs" if key in ("weight", "height", "sbp", "dbp") else "laboratory"
        fields: Json = {
            "status": "final", "category": [_category(category)], "code": _coded(LOINC, code, display),
            "effectiveDateTime": f"{day}T09:10:00+00:00",
            "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
        }  # fmt: skip
        if limits:
            ends = zip(("low", "high"), limits, strict=True)
            fields["referenceRange"] = [{end: {"value": limit, "unit": unit} for end, limit in ends}]
        return self.add("Observation", **(fields | more))

    def bloods(self, day: str, **changed: float) -> None:
        """A full set of ordinary results, apart from those named."""
        usual = {
            "wbc": 6.4, "neut": 4.0, "lymph": 1.7, "eos": 0.2, "plt": 256, "hb": 136, "mcv": 93,
            "alt": 22, "ast": 21, "alp": 72, "bili": 9, "alb": 42, "creat": 68, "egfr": 92,
        }  # fmt: skip
        values = usual | changed
        ids = [self.lab(key, value, day)["id"] for key, value in values.items()]
        self.add(
            "DiagnosticReport", status="final", category=[_category("LAB", "http://terminology.hl7.org/CodeSystem/v2-0074")],
            code={"text": "Full blood count, liver and kidney tests"}, effectiveDateTime=f"{day}T09:10:00+00:00",
            result=[{"reference": f"Observation/{one}"} for one in ids],
        )  # fmt: skip

    def serology(self, key: str, result: str, day: str) -> None:
        code, display = SEROLOGY[key]
        word = {"positive": ("10828004", "Positive"), "negative": ("260385009", "Negative")}[result]
        self.add(
            "Observation", status="final", category=[_category("laboratory")], code=_coded(LOINC, code, display),
            effectiveDateTime=day, valueCodeableConcept=_coded(SNOMED, *word),
        )  # fmt: skip

    def gene(self, gene: str, phenotype: str, day: str) -> None:
        code, display = {
            "TPMT": ("41048-0", "TPMT genotype"),
            "NUDT15": ("93194-9", "NUDT15 genotype"),
        }[gene]
        self.add(
            "Observation", status="final", category=[_category("laboratory")], code=_coded(LOINC, code, display),
            effectiveDateTime=day, valueCodeableConcept={"text": phenotype},
        )  # fmt: skip

    def drug(
        self, code: str, display: str, start: str, sig: str, per_day: tuple[float, str] | None, **more: Any
    ) -> Json:
        dosage: Json = {"text": sig}
        if per_day:
            dosage["timing"] = {
                "repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": start}}
            }
            dosage["doseAndRate"] = [
                {"doseQuantity": {"value": per_day[0], "unit": per_day[1], "code": per_day[1], "system": UCUM}}
            ]
        fields: Json = {
            "status": "active", "intent": "order", "medicationCodeableConcept": _coded(RXNORM, code, display),
            "authoredOn": start, "dosageInstruction": [dosage],
        }  # fmt: skip
        return self.add("MedicationRequest", **(fields | more))

    def condition(self, code: str, display: str, onset: str) -> None:
        self.add(
            "Condition", code=_coded(SNOMED, code, display), onsetDateTime=onset,
            clinicalStatus=_coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
            verificationStatus=_coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
        )  # fmt: skip

    def no_known_allergy(self) -> None:
        self.add(
            "AllergyIntolerance", code=_coded(SNOMED, "716186003", "No known allergy"),
            clinicalStatus=_coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
        )  # fmt: skip

    def vaccine(self, code: str, display: str, day: str) -> None:
        self.add("Immunization", status="completed", vaccineCode=_coded(CVX, code, display), occurrenceDateTime=day)

    def prepared(self, day: str) -> None:
        """What was checked and given before starting, and recently."""
        for key, result in (("hbsag", "negative"), ("hcv", "negative"), ("hiv", "negative"), ("vzv", "positive")):
            self.serology(key, result, day)
        self.gene("TPMT", "Normal metabolizer", day)
        self.gene("NUDT15", "Normal metabolizer", day)
        for key, value in (("height", 168), ("sbp", 124), ("dbp", 76)):
            self.lab(key, value, day)
        self.no_known_allergy()
        self.vaccine("33", "pneumococcal polysaccharide PPV23", day)
        self.vaccine("187", "zoster recombinant", day)
        self.vaccine("150", "Influenza, injectable, quadrivalent, preservative free", "2025-10-06")

    def write(self, kind: str = "collection") -> None:
        entries = [self._entry(resource, kind) for resource in self.resources]
        bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
        text = json.dumps(bundle, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{self.name}.json").write_text(text, encoding="utf-8")

    def _entry(self, resource: Json, kind: str) -> Json:
        where = f"{resource['resourceType']}/{resource['id']}"
        entry: Json = {"fullUrl": f"https://example.org/fhir/{where}", "resource": resource}
        if kind == "searchset":
            entry["search"] = {"mode": "match"}
        if kind == "transaction":
            entry["request"] = {"method": "PUT", "url": where}
        return entry


def _coded(system: str, code: str, display: str | None = None) -> Json:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": display} if display else {})


def _category(code: str, system: str = "http://terminology.hl7.org/CodeSystem/observation-category") -> Json:
    return {"coding": [{"system": system, "code": code}]}


AZA_50 = ("197388", "azathioprine 50 MG Oral Tablet")


def stable() -> None:
    one = Bundle("1-stable", "female", "1966-04-18")
    one.condition("69896004", "Rheumatoid arthritis", "2016-05-01")
    one.lab("weight", 68, "2025-10-20")
    one.prepared("2022-05-02")
    one.drug(*AZA_50, "2022-06-01", "100 mg once a day", (100, "mg"))
    one.bloods("2022-05-02")
    for day in ("2025-05-12", "2025-08-04", "2025-10-27", "2026-01-19"):
        one.bloods(day, neut=3.9, mcv=95)
    one.write()


def overdue() -> None:
    one = Bundle("2-overdue", "male", "1986-09-02")
    one.condition("34000006", "Crohn's disease", "2018-02-11")
    one.lab("weight", 74, "2025-06-11")
    one.prepared("2023-01-16")
    one.drug(*AZA_50, "2023-02-01", "150 mg once a day", (150, "mg"))
    one.bloods("2023-01-16")
    for day in ("2025-03-10", "2025-06-11", "2025-09-15"):
        one.bloods(day, mcv=97)
    one.write("searchset")


def falling() -> None:
    one = Bundle("3-neutrophils-falling", "female", "1962-12-30")
    one.condition("69896004", "Rheumatoid arthritis", "2012-01-01")
    one.lab("weight", 81, "2025-11-03")
    one.prepared("2024-02-12")
    one.drug(*AZA_50, "2024-03-01", "150 mg once a day", (150, "mg"))
    one.bloods("2024-02-12", neut=5.9, wbc=8.6)
    series = {"2025-05-19": (5.6, 8.2), "2025-08-11": (4.8, 7.3), "2025-11-03": (3.9, 6.3), "2026-01-26": (3.1, 5.4)}
    for day, (neutrophils, cells) in series.items():
        one.bloods(day, neut=neutrophils, wbc=cells, mcv=98)
    one.write()


def allopurinol() -> None:
    one = Bundle("4-allopurinol-prescribed", "male", "1958-07-21")
    one.condition("69896004", "Rheumatoid arthritis", "2009-03-01")
    one.condition("90560007", "Gout", "2026-02-20")
    one.lab("weight", 84, "2025-12-08")
    one.prepared("2021-09-13")
    one.drug(*AZA_50, "2021-10-01", "150 mg once a day", (150, "mg"))
    one.bloods("2021-09-13")
    for day in ("2025-06-23", "2025-09-15", "2025-12-08"):
        one.bloods(day, creat=84, egfr=84)
    one.drug("197319", "allopurinol 100 MG Oral Tablet", "2026-02-27", "100 mg once a day", (100, "mg"))
    one.write("transaction")


def nudt15() -> None:
    one = Bundle("5-nudt15-poor-week-4", "female", "1994-03-08")
    one.condition("34000006", "Crohn's disease", "2025-08-01")
    one.lab("weight", 60, "2026-01-26")
    one.prepared("2026-01-12")
    one.resources = [each for each in one.resources if "NUDT15" not in json.dumps(each)]
    one.drug(*AZA_50, "2026-02-02", "125 mg once a day", (125, "mg"))
    one.bloods("2026-01-26", neut=4.4, wbc=7.0)
    one.bloods("2026-02-16", neut=3.2, wbc=5.4)
    one.gene("NUDT15", "Poor metabolizer", "2026-02-27")
    one.write()


def warfarin() -> None:
    one = Bundle("6-warfarin-azathioprine-stopped", "male", "1949-11-15")
    one.condition("69896004", "Rheumatoid arthritis", "2004-01-01")
    one.condition("49436004", "Atrial fibrillation", "2017-04-01")
    one.lab("weight", 77, "2025-12-15")
    one.prepared("2019-02-11")
    one.drug(
        *AZA_50, "2019-03-01", "100 mg once a day", (100, "mg"), status="stopped",
        dispenseRequest={"validityPeriod": {"start": "2019-03-01", "end": "2026-02-18"}},
    )  # fmt: skip
    one.drug(
        "855332", "warfarin sodium 5 MG Oral Tablet", "2017-05-02", "as directed by the anticoagulation clinic", None
    )
    for day in ("2025-09-22", "2025-12-15"):
        one.bloods(day)
    one.lab("inr", 2.6, "2026-02-10")
    one.write()


def shunting() -> None:
    one = Bundle("7-metabolites-show-shunting", "female", "1989-06-14")
    one.condition("64766004", "Ulcerative colitis", "2020-10-01")
    one.lab("weight", 65, "2026-01-05")
    one.prepared("2025-08-18")
    one.drug(*AZA_50, "2025-09-01", "150 mg once a day", (150, "mg"))
    one.bloods("2025-08-18")
    for day, alt in (
        ("2025-09-15", 26),
        ("2025-09-29", 33),
        ("2025-10-27", 41),
        ("2025-11-24", 58),
        ("2026-02-16", 78),
    ):
        one.bloods(day, alt=alt, ast=alt - 12, mcv=91)
    one.lab("tgn", 165, "2026-02-16")
    one.lab("mmp", 9800, "2026-02-16")
    one.write()


def unreadable() -> None:
    one = Bundle("8-unreadable-data", "female", "1979")
    one.condition("69896004", "Rheumatoid arthritis", "2015")
    one.drug(*AZA_50, "2024-05", "as directed", None)
    one.drug("6387", "azathioprine 50 mg", "2026-01-10", "1 daily", (50, "mg"))
    one.add(
        "MedicationRequest", status="active", intent="order", authoredOn="2026-02-01",
        medicationReference={"reference": "Medication/not-sent"}, dosageInstruction=[{"text": "1 tablet at night"}],
    )  # fmt: skip
    one.lab("neut", 3.1, "2025-10-06")
    one.lab("neut", 1.2, "2026-02-23", valueQuantity={"value": 1.2})
    one.lab("wbc", 5200, "2026-02-23", valueQuantity={"value": 5200, "unit": "cells"})
    one.lab("plt", 250000, "2026-02-23")
    one.lab("alt", 0, "2026-02-23", valueQuantity=None, valueString="haemolysed")
    one.lab("creat", 71, "2026-02-23", status="entered-in-error")
    one.lab("hb", 128, "2027-02-23")
    one.add(
        "Observation", status="final", code={"text": "Neutrophils"}, effectiveDateTime="2026-02-30",
        valueQuantity={"value": 2.2, "unit": "10*9/L"},
    )  # fmt: skip
    one.lab("bili", 9, "2026-02-23", valueQuantity={"value": "nine", "unit": "umol/L"})
    for resource in one.resources:
        for key in [key for key, value in resource.items() if value is None]:
            del resource[key]
    one.write()


if __name__ == "__main__":
    for make in (stable, overdue, falling, allopurinol, nudt15, warfarin, shunting, unreadable):
        make()
