"""The monitoring protocols, drug by drug, body beside body."""

from reference.markdown import citation, code, file_link, page, plural, table, text
from reference.rules import rule_lines
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import BaselineTest, Borrowed, Modifier, OnEvent, Panel, Protocol, Schedule
from rxvigil.reports.comparison import limits
from rxvigil.reports.rulebook import phase_says

COMPARED = (
    "white-cells", "neutrophils", "lymphocytes", "platelets", "mcv", "eosinophils", "alt", "ast", "albumin", "egfr",
)  # fmt: skip


def pages(book: RuleBook) -> dict[str, str]:
    """An overview, a page per drug, and one for drugs taken together."""
    made = {"protocols.md": _overview(book)}
    for drug, found in _by_drug(book).items():
        made[f"protocols/{drug}.md"] = _drug(f"Monitoring of {book.vocabulary.show(drug).lower()}", found, book)
    made["protocols/combinations.md"] = _drug("Monitoring of drugs taken together", _together(book), book)
    return made


def _by_drug(book: RuleBook) -> dict[str, list[Protocol]]:
    found: dict[str, list[Protocol]] = {}
    for _, protocol in sorted(book.protocols.items()):
        for drug in () if protocol.applies.together else protocol.applies.drugs:
            found.setdefault(drug, []).append(protocol)
    return dict(sorted(found.items()))


def _together(book: RuleBook) -> list[Protocol]:
    return [one for _, one in sorted(book.protocols.items()) if one.applies.together]


def _overview(book: RuleBook) -> str:
    rows = [
        (f"[{text(book.vocabulary.show(drug))}](protocols/{drug}.md)", str(len(found)), _defaults(found, book))
        for drug, found in _by_drug(book).items()
    ]
    together = _together(book)
    rows.append(("[drugs taken together](protocols/combinations.md)", str(len(together)), ""))
    lines = [
        f"{plural(len(book.protocols), 'protocol')}, each the monitoring rules of one body. They are never merged: one is",
        "chosen per drug, by jurisdiction and diagnosis or because you ask for it (`--protocol`), the choice is shown with",
        "its reason, and what the others say is shown beside each finding.",
        "How one is chosen: [schedules](../explanation/schedules.md).",
        "",
        *table(("Drug", "protocols", "Chosen without being asked for"), rows),
    ]
    return page("Monitoring protocols", lines)


def _defaults(found: list[Protocol], book: RuleBook) -> str:
    lines = []
    for protocol in found:
        if protocol.default_for:
            places = [
                f"{one.jurisdiction}{' ' + book.vocabulary.show(one.specialty).lower() if one.specialty else ''}"
                for one in protocol.default_for
            ]
            lines.append(f"{', '.join(places)}: {text(protocol.title)}")
    return "\n".join(lines)


def _drug(title: str, found: list[Protocol], book: RuleBook) -> str:
    shown = [key for key in COMPARED if any(key in limits(one, book) for one in found)]
    heads = ("Protocol", "Tests", *(f"{book.vocabulary.show(key)} {book.vocabulary.unit_shown(key)}" for key in shown))
    rows = [(_named(one), _tests(one), *(text_lines(limits(one, book).get(key, "")) for key in shown)) for one in found]
    lines = [
        "Limits are shown as far as they are simple ones, with the action each asks for; every protocol is given whole",
        "below. A dash means that the body's own text, as far as it was read, has no such limit.",
        "",
        *table(heads, rows),
    ]
    for protocol in found:
        lines += ["", *_whole(protocol, book)]
    return page(title, lines)


def text_lines(words: str) -> str:
    """Several lines of rule book text, kept apart."""
    return "\n".join(text(line) for line in words.splitlines())


def _anchor(protocol: Protocol) -> str:
    return protocol.id.rpartition("/")[2]


def _named(protocol: Protocol) -> str:
    return f"[{text(protocol.title)}](#{_anchor(protocol)})" + (" (superseded)" if protocol.superseded else "")


def _tests(protocol: Protocol) -> str:
    own = [f"{'; then '.join(phase_says(phase) for phase in one.phases)}" for one in protocol.schedule]
    return "\n".join(own) or ("borrowed" if protocol.schedule_from else "none was read")


def _whole(protocol: Protocol, book: RuleBook) -> list[str]:
    lines = [
        f"## {_anchor(protocol)}",
        "",
        f"**{text(protocol.title)}**, {text(protocol.body)}. {code(protocol.id)}, {file_link(protocol.id, '../')}.",
        f"Review by {show_day(protocol.review_by)}.",
    ]
    if protocol.superseded:
        lines += ["", f"Superseded: {text(protocol.superseded.says)}"]
    lines += ["", *(f"- Gap: {text(gap)}" for gap in protocol.gaps)]
    lines += [_before(test, book) for test in protocol.baseline]
    for schedule in protocol.schedule:
        lines += _schedule(schedule, book)
    for what, borrowed in (("schedule", protocol.schedule_from), ("limits", protocol.thresholds_from)):
        lines += [_borrowed(what, borrowed, book)] if borrowed else []
    for rule in protocol.thresholds:
        lines += ["", *rule_lines(rule, book, "../", "###")]
    return lines


def _before(test: BaselineTest, book: RuleBook) -> str:
    only = f", only if {code(test.only_if)}" if test.only_if else ""
    says = f" {text(test.says)}" if test.says else ""
    return (
        f"- Before the first dose ({test.strength}): {panel_says(test.panel, book)}, not older than {test.within}{only}."
        f"{says} {citation(test.source, book, '../')}"
    )


def panel_says(panel: Panel, book: RuleBook) -> str:
    """A panel in words: 'Full blood count; Creatinine or eGFR; if wanted Height'."""
    words = book.vocabulary
    found = [words.show(key) for key in panel.all]
    found += [" or ".join(words.show(key) for key in group) for group in panel.any]
    found += [f"{words.show(key)} (to be considered)" for key in panel.consider]
    return text("; ".join(found))


def _schedule(schedule: Schedule, book: RuleBook) -> list[str]:
    only = f", only if {code(schedule.only_if)}" if schedule.only_if else ""
    rhythm = "; then ".join(phase_says(phase) for phase in schedule.phases)
    lines = [
        f"- Tests {code(schedule.id)} ({schedule.strength}{only}): {panel_says(schedule.panel, book)}: {text(rhythm)}."
        f" {citation(schedule.source, book, '../')}"
    ]
    lines += [
        f"  - {text(phase_says(phase).capitalize())}: {citation(phase.source, book, '../')}"
        for phase in schedule.phases
        if phase.source
    ]
    lines += [_event(event, book) for event in schedule.on]
    lines += [_modifier(modifier, book) for modifier in schedule.modifiers]
    return lines


def _event(event: OnEvent, book: RuleBook) -> str:
    extra = "; then ".join(phase_says(phase) for phase in event.phases)
    then = {"restart": "the schedule begins again", "resume": "its own phases go on underneath"}[event.then]
    return (
        f"  - After a {event.event.replace('-', ' ')}: {extra + '; ' if extra else ''}{then}. "
        f"{citation(event.source, book, '../')}"
    )


def _modifier(modifier: Modifier, book: RuleBook) -> str:
    verb = "Less often" if modifier.loosens else "More often"
    return (
        f"  - {verb}, every {modifier.every}, when {code(modifier.when)}: {text(modifier.says)} "
        f"{citation(modifier.source, book, '../')}"
    )


def _borrowed(what: str, borrowed: Borrowed, book: RuleBook) -> str:
    lender = book.protocols[borrowed.protocol].title
    return f"- Its {what} are borrowed from *{text(lender)}*: {text(borrowed.why)} {citation(borrowed.source, book, '../')}"
