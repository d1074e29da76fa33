"""A small rule book for the tests of reports: a dozen analytes, two drugs, two protocols. Not the shipped one, so
that a change of knowledge does not change what these tests are about."""

from functools import cache

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build
from rxvigil.knowledge.yamlfile import parse_document

_HOUSE = "{ref: sample, where: made up for tests, mark: house, checked: 2026-11-22, note: only for tests}"
_BSR = "{ref: bsr-2017, where: table 2, mark: secondary, checked: 2026-11-22, via: a page restating it}"

_SOURCES = """
kind: sources
publications:
  - {id: sample, title: Sample values, body: Test suite}
  - {id: bsr-2017, title: Guideline for prescribing and monitoring, body: British Society for Rheumatology, year: 2017}
"""

_UNITS = """
kind: units
dimensions:
  - {key: cells, canonical: "10*9/L", show: "×10⁹/L", units: {"10*9/L": 1, "/uL": 0.001}}
  - {key: mass, canonical: "g/L", show: "g/L", units: {"g/L": 1, "g/dL": 10}}
  - {key: enzyme, canonical: "U/L", show: "U/L", units: {"U/L": 1}}
  - {key: amount, canonical: "umol/L", show: "µmol/L", units: {"umol/L": 1}}
  - {key: volume, canonical: fL, show: fL, units: {fL: 1}}
  - {key: metabolite, canonical: "pmol/(8.10*8.{RBC})", show: "pmol/8×10⁸ red cells", units: {}}
aliases: []
"""

_ANALYTES = (
    ("neutrophils", "Neutrophils", "cells", 1, "low", "751-8"),
    ("white-cells", "White cells", "cells", 1, "low", "6690-2"),
    ("platelets", "Platelets", "cells", 0, "low", "777-3"),
    ("haemoglobin", "Haemoglobin", "mass", 0, "low", "718-7"),
    ("mcv", "Mean cell volume", "volume", 0, "high", "787-2"),
    ("alt", "ALT", "enzyme", 0, "high", "1742-6"),
    ("bilirubin", "Bilirubin", "amount", 0, "high", "1975-2"),
    ("albumin", "Albumin", "mass", 0, "low", "1751-7"),
    ("creatinine", "Creatinine", "amount", 0, "high", "2160-0"),
    ("tgn", "Thioguanine nucleotides", "metabolite", 0, "both", ""),
    ("mmp", "Methylmercaptopurine", "metabolite", 0, "high", ""),
)

_DRUGS = f"""
kind: drugs
classes: [{{key: xanthine-oxidase-inhibitor, name: xanthine-oxidase inhibitor}}]
drugs:
  - {{key: azathioprine, name: Azathioprine, monitored: true, names: [Imuran], source: {_HOUSE}}}
  - {{key: methotrexate, name: Methotrexate, monitored: true, per: week, names: [MTX], source: {_HOUSE}}}
  - {{key: allopurinol, name: Allopurinol, classes: [xanthine-oxidase-inhibitor], names: [Zyloric], source: {_HOUSE}}}
"""

_CONCEPTS = f"""
kind: genes
concepts: [{{key: nudt15, name: NUDT15, source: {_HOUSE}}}]
"""

_SYMPTOMS = f"""
kind: symptoms
concepts: [{{key: sore-throat, name: Sore throat, source: {_HOUSE}}}]
"""

_PANELS = f"""
kind: panels
panels:
  - key: full-blood-count
    name: Full blood count
    all: [haemoglobin, white-cells, neutrophils, platelets]
    codes: {{loinc: [57021-8]}}
    source: {_HOUSE}
  - {{key: liver-tests, name: Liver tests, any: [[alt]], source: {_HOUSE}}}
"""

_PROTOCOL = f"""
kind: protocol
id: monitoring/azathioprine/bsr-2017
title: Azathioprine, rheumatology, UK
body: British Society for Rheumatology
applies: {{drugs: [azathioprine]}}
review_by: 2027-11-22
schedule:
  - id: blood-tests
    panel: {{all: [full-blood-count, liver-tests, creatinine, albumin]}}
    phases:
      - {{every: 2 weeks, until: {{dose_stable_for: 6 weeks}}}}
      - {{every: 12 weeks}}
    source: {_BSR}
thresholds:
  - id: neutrophils-low
    kind: threshold
    when: neutrophils.latest < 1.6 10*9/L
    tier: act
    cause: neutrophils low
    says: Neutrophils {{neutrophils.latest}} are below 1.6 ×10⁹/L.
    action: {{verb: withhold, says: Withhold azathioprine., urgency: today, strength: must}}
    source: {_BSR}
  - id: platelets-low
    kind: threshold
    when: platelets.latest < 140000 /uL
    tier: act
    cause: platelets low
    says: Platelets are low.
    action: {{verb: withhold, says: Withhold azathioprine., urgency: today, strength: must}}
    source: {_BSR}
  - id: alt-high
    kind: threshold
    when: alt.latest > 100 U/L or alt.latest > 3 xULN
    tier: act
    cause: ALT or AST raised
    says: ALT is raised.
    action: {{verb: withhold, says: Withhold azathioprine., urgency: this week, strength: should}}
    source: {_BSR}
  - id: hys-law
    kind: threshold
    when: alt.latest > 3 xULN and bilirubin.latest > 2 xULN
    tier: stop
    cause: ALT or AST raised
    says: ALT and bilirubin are raised together.
    action: {{verb: stop, says: Stop azathioprine., urgency: now, strength: must}}
    source: {_BSR}
  - id: mcv-high
    kind: threshold
    when: mcv.latest > 105 fL
    tier: know
    cause: MCV raised
    says: MCV is raised.
    action: {{verb: test, says: Check B12 and folate., urgency: routine, strength: consider}}
    source: {{ref: sample, where: nowhere, mark: memory, checked: 2026-11-22}}
"""


def _analytes() -> str:
    entries = [
        f"  - {{key: {key}, name: {name}, specimen: blood, dimension: {dimension}, fresh_for: 14 weeks, "
        f"decimals: {decimals}, worse: {worse}, names: [{key}-name], source: {_HOUSE}"
        + (f", codes: {{loinc: ['{loinc}']}}}}" if loinc else "}")
        for key, name, dimension, decimals, worse, loinc in _ANALYTES
    ]
    return "\n".join(["kind: analytes", "analytes:", *entries])


@cache
def sample_book() -> RuleBook:
    """The book, built by the real loader."""
    texts = (_SOURCES, _UNITS, _analytes(), _DRUGS, _CONCEPTS, _SYMPTOMS, _PANELS, _PROTOCOL)
    return build(parse_document(text, f"sample-{number}.yaml") for number, text in enumerate(texts))
