"""Before the first tablet: a page per checklist, with who asks for what, and a page of what patients are told."""

from reference.markdown import citation, code, file_link, page, table, text
from reference.rules import disagreements, source_items
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.starting import AskedBy, ChecklistFile, CounsellingFile, Item, Point


def pages(book: RuleBook) -> dict[str, str]:
    """An overview, a page per checklist file and per counselling file."""
    made = {f"starting/{_flat(one.id)}.md": _checklist(one, book) for one in book.checklists.values()}
    made |= {f"starting/{_flat(one.id)}.md": _counselling(one, book) for one in book.counselling.values()}
    return made | {"starting.md": _overview(book)}


def _flat(identity: str) -> str:
    return identity.replace("/", "-")


def _overview(book: RuleBook) -> str:
    files = sorted(book.checklists.values(), key=lambda one: one.position)
    rows = [
        (f"[{text(one.title)}](starting/{_flat(one.id)}.md)", text(", ".join(item.name for item in one.items)))
        for one in files
    ]
    lines = [
        "What `rxvigil start` asks before the first tablet. Each question is put so that *yes* means that the concern",
        "is there; whether it blocks the start is each body's own word, by jurisdiction.",
        "",
        *table(("Checklist", "Asks for"), rows),
        "",
        *(f"- [{text(one.title)}](starting/{_flat(one.id)}.md)" for one in book.counselling.values()),
    ]
    return page("Before the first tablet", lines)


def _checklist(file: ChecklistFile, book: RuleBook) -> str:
    lines = [
        f"{code(file.id)}, {file_link(file.id, '../')}. Review by {show_day(file.review_by)}."
        f" An assessment counts for {file.valid_for} at most: {citation(file.times, book, '../')}",
        "",
        *(f"- Gap: {text(gap)}" for gap in file.gaps),
    ]
    for item in file.items:
        lines += ["", *_item(item, book)]
    return page(file.title, lines)


def _item(item: Item, book: RuleBook) -> list[str]:
    lines = [f"## {item.id}", "", f"**{text(item.question)}**", "", f"- Concern {code(item.concern)}"]
    lines += [f"- Asked only if {code(item.only_if)}"] if item.only_if else []
    lines += ["- Silence of the record is no answer: only a fact or a person clears it."] if item.ask_always else []
    if item.needs:
        wanted = [*item.needs.all, *(" or ".join(group) for group in item.needs.any)]
        source = citation(item.needs.source, book, "../")
        lines.append(f"- Cleared only with {text(', '.join(wanted))} within {item.needs.within}. {source}")
    lines += [f"- {_asked_by(one, book)}" for one in item.asked_by]
    lines += disagreements(item.disagrees, book, "../")
    lines += [f"- If it is there: {text(item.if_present)}", f"- Settled by: {text(item.settle.says)}"]
    for wait in item.wait:
        lines.append(f"- {text(wait.says)} {citation(wait.source, book, '../')}")
    for vaccine in item.vaccine_first:
        lines.append(f"- {text(vaccine.says)} {citation(vaccine.source, book, '../')}")
    return lines


def _asked_by(one: AskedBy, book: RuleBook) -> str:
    where = f", in {', '.join(one.jurisdictions)}" if one.jurisdictions else ""
    return f"{one.weight.capitalize()} ({one.strength}{where}): {text(one.says)} {citation(one.source, book, '../')}"


def _counselling(file: CounsellingFile, book: RuleBook) -> str:
    lines = [
        f"{code(file.id)}, {file_link(file.id, '../')}. Review by {show_day(file.review_by)}.",
        "",
        *(f"- Gap: {text(gap)}" for gap in file.gaps),
    ]
    for point in file.points:
        lines += ["", *_point(point, book)]
    return page(file.title, lines)


def _point(point: Point, book: RuleBook) -> list[str]:
    said = [f"only if {code(point.only_if)}"] if point.only_if else []
    said += [f"in {', '.join(point.jurisdictions)}"] if point.jurisdictions else []
    return [
        f"## {point.id}",
        "",
        f"{point.when.capitalize()}. {text(point.says)}",
        "",
        *([f"- Said {' and '.join(said)}."] if said else []),
        *source_items((point.source, *point.also), book, "../"),
        *disagreements(point.disagrees, book, "../"),
    ]
