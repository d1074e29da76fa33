"""One record out of several of the same patient."""

from collections.abc import Sequence

import msgspec

from rxvigil.facts import NotUnderstood, Origin, Patient, Record
from rxvigil.intake.fhir.parts import ANYTHING
from rxvigil.intake.reading import Gathering, NotOurs

_KINDS = (
    "results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
    "not_understood",
)  # fmt: skip


def merged(records: Sequence[Record]) -> Record:
    """All facts of all records, each once. What the records contradict one another in of the patient is left open."""
    if len(records) == 1:
        return records[0]
    gathering = Gathering()
    for record in records:
        for kind in _KINDS:
            for fact in getattr(record, kind):
                gathering.add(fact)
        for other in record.outside:
            for _ in range(other.count):
                gathering.outside(other.kind, NotOurs(other.system, other.code, other.display))
        for kind, count in record.unread.items():
            gathering.unread(kind, count)
    patient, complaints = _patient([record.patient for record in records])
    for complaint in complaints:
        gathering.add(complaint)
    found = gathering.record(patient)
    return msgspec.structs.replace(
        found,
        denials=tuple(dict.fromkeys(denial for record in records for denial in record.denials)),
        lists=tuple(sorted({*found.lists, *(name for record in records for name in record.lists)})),
    )


def _patient(patients: list[Patient]) -> tuple[Patient, list[NotUnderstood]]:
    """Who it is, as far as the records agree; what one of them leaves out the others may say."""
    born = {one.born for one in patients} - {None}
    died = {one.died for one in patients} - {None}
    sexes = {one.sex for one in patients} - {"unknown"}
    found = Patient(
        patients[0].id,
        born=next(iter(born)) if len(born) == 1 else None,
        sex=next(iter(sexes)) if len(sexes) == 1 else "unknown",
        died=next(iter(died)) if len(died) == 1 else None,
        simulated=all(one.simulated for one in patients),
    )
    made_up = {one.simulated for one in patients}
    stated = (("birth date", born), ("death", died), ("sex", sexes), ("whether the patient exists", made_up))
    apart = [name for name, said in stated if len(said) > 1]
    why = "two imports contradict one another"
    origin = Origin("the store", "Patient")
    return found, [NotUnderstood(origin=origin, what=name, why=why, affects=ANYTHING) for name in apart]
