"""A fact that is taken away never leaves a silence that does not say what is missing."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import outcomes, reasons
from property.patients import BOOK, KINDS, LISTS, WORDS, assessed, examples, patients


def subject(fact) -> str:
    for name in ("analyte", "drug", "concept", "vaccine", "gene", "kind"):
        if hasattr(fact, name):
            return getattr(fact, name)
    raise AssertionError(fact)


def names(key: str) -> set[str]:
    own = {key, *WORDS.classes_of(key), *WORDS.members(key)}
    own |= {one.key for one in WORDS.analytes.values() if key in one.parts}
    return {WORDS.show(one).lower() for one in own}


@examples(1500)
@given(patients(), st.data())
def test_removed(patient, data):
    record, on, wanted = patient
    facts = [(field, fact) for field in KINDS for fact in getattr(record, field)]
    if not facts:
        return
    field, fact = data.draw(st.sampled_from(facts), label="taken away")
    kept = tuple(one for one in getattr(record, field) if one is not fact)
    lists = record.lists if kept or data.draw(st.booleans()) else tuple(one for one in record.lists if one != field)
    changed = msgspec.structs.replace(record, **{field: kept, "lists": lists})
    before, after = assessed(record, on, wanted), assessed(changed, on, wanted)
    b, a = outcomes(before), outcomes(after)
    for rule, outcome in b.items():
        if outcome not in ("fires", "cannot say"):
            continue
        now = a.get(rule, "absent")
        if now in ("fires", "cannot say"):
            continue
        why = reasons(after, rule)
        if now == "absent":
            if field in ("prescriptions", "conditions") and (before.protocols != after.protocols or before.courses != after.courses):
                continue
            raise AssertionError((rule, outcome, now, field, fact))
        if not any(name in why.lower() for name in names(subject(fact))):
            raise AssertionError((rule, outcome, now, why, field, fact))
