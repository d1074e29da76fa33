"""An empty answers file with the open questions only, to be filled in and given back with `--answers`."""

from collections.abc import Iterable, Iterator

from rxvigil.knowledge.starting import Item
from rxvigil.reports import words
from rxvigil.starting.assessment import ItemShown, StartAssessment


def open_questions(assessment: StartAssessment, items: Iterable[Item]) -> str:
    """The file as text. Tests are not in it: a person cannot answer them."""
    known = {item.id: item for item in items}
    open_ = [one for one in assessment.items if one.says == "cannot say" and _answerable(known[one.id])]
    return "\n".join(_lines(assessment, open_, known)) + "\n"


def _answerable(item: Item) -> bool:
    return bool(item.answer_yes or item.answer_no or item.answer_with)


def _lines(assessment: StartAssessment, open_: list[ItemShown], known: dict[str, Item]) -> Iterator[str]:
    yield "# Questions before the first tablet that the record leaves open. Fill in who answers, and an answer behind"
    yield "# each question; leave out what nobody can say. A 'yes' means that the concern is there."
    yield "kind: answers"
    yield "by:  # name and place"
    yield f"on: {assessment.on.isoformat()}"
    yield "answers:" if open_ else "answers: {}"
    subject = ""
    for one in open_:
        if one.subject != subject:
            subject = one.subject
            yield f"  # {subject}"
        yield f"  # {words.clean(one.question)} ({_offers(known[one.id])})"
        yield f"  {one.id}:"


def _offers(item: Item) -> str:
    offers = [word for word, stated in (("yes", item.answer_yes), ("no", item.answer_no)) if stated]
    form = item.answer_with.form if item.answer_with else ""
    offers += {"amount": ["an amount with its unit"], "date": ["a date, YYYY-MM-DD"]}.get(form, [])
    offers += item.answer_with.words if item.answer_with and form == "word" else ()
    return ", ".join(offers)
