"""The monitoring protocols: drug by drug, body beside body, and each one whole."""

from reference.markdown import citation, code, file_link, page, plural, table, text
from reference.rules import rule_lines
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import BaselineTest, Borrowed, Modifier, OnEvent, Panel, Protocol, Schedule
from rxvigil.reports.comparison import limits_by_analyte
from rxvigil.reports.rulebook import phase_says

UP = "../../"
"""From a protocol's page up to the reference."""


def pages(book: RuleBook) -> dict[str, str]:
    """An overview, a comparison per drug (and one for drugs taken together), a page per protocol."""
    made = {"protocols.md": _overview(book)}
    for drug, found in _by_drug(book).items():
        made[f"protocols/{drug}.md"] = _compared(f"Monitoring of {book.vocabulary.show(drug).lower()}", found, book)
    made["protocols/combinations.md"] = _compared("Monitoring of drugs taken together", _together(book), book)
    return made | {f"{_file(one)}.md": _whole(one, book) for one in book.protocols.values()}


def _file(protocol: Protocol) -> str:
    """Where a protocol's page stands: protocols/azathioprine/bsr-2017."""
    return protocol.id.replace("monitoring/", "protocols/", 1)


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
    rows.append(("[drugs taken together](protocols/combinations.md)", str(len(together)), _defaults(together, book)))
    lines = [
        f"{plural(len(book.protocols), 'protocol')}, each the monitoring rules of one body. They are never merged: one",
        "is chosen per drug, by jurisdiction and diagnosis or because you ask for it (`--protocol`). The choice is",
        "shown with its reason, and what the others say beside each finding: [schedules](../explanation/schedules.md).",
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


def _compared(title: str, found: list[Protocol], book: RuleBook) -> str:
    words = book.vocabulary
    limits = (
        (f"{text(words.show(analyte))} {words.unit_shown(analyte)}", "\n".join(text(line) for line in lines))
        for analyte, lines in limits_by_analyte(found, book).items()
    )
    lines = [
        "Body beside body, never averaged. Every protocol has its own page, with its sources, gaps and conditions.",
        "",
        *table(("Key", "Protocol", "Tests"), ((code(_short(one)), _named(one), _tests(one)) for one in found)),
        "",
        "## Limits",
        "",
        "As far as they are simple ones. A body that is not named sets none in what was read of it, or borrows.",
        "",
        *table(("Result", "Limit, what is asked for, and by whom"), limits),
    ]
    return page(title, lines)


def _short(protocol: Protocol) -> str:
    return protocol.id.rpartition("/")[2]


def _named(protocol: Protocol) -> str:
    where = _file(protocol).removeprefix("protocols/")
    return f"[{text(protocol.title)}]({where}.md)" + (" (superseded)" if protocol.superseded else "")


def _tests(protocol: Protocol) -> str:
    own = ["; then ".join(phase_says(phase) for phase in one.phases) for one in protocol.schedule]
    return "\n".join(own) or ("borrowed" if protocol.schedule_from else "none was read")


def _whole(protocol: Protocol, book: RuleBook) -> str:
    lines = [f"{text(protocol.body)}. {code(protocol.id)}, {file_link(protocol.id, UP)}."]
    lines += [f"Review by {show_day(protocol.review_by)}."]
    if protocol.superseded:
        lines += ["", f"**Superseded.** {text(protocol.superseded.says)}"]
    if protocol.applies.only_if:
        lines += ["", f"Asked only if {code(protocol.applies.only_if)}."]
    if protocol.gaps:
        lines += ["", "## Gaps", "", *(f"- {text(gap)}" for gap in protocol.gaps)]
    if protocol.baseline:
        lines += ["", "## Before the first dose", "", *(_before(test, book) for test in protocol.baseline)]
    lines += ["", "## Tests", ""]
    lines += [line for schedule in protocol.schedule for line in _schedule(schedule, book)]
    lines += [_borrowed("schedule", protocol.schedule_from, book)] if protocol.schedule_from else []
    if not protocol.schedule and not protocol.schedule_from:
        lines.append("No schedule of this body was read.")
    lines += ["", "## Limits", *_limits(protocol, book)]
    return page(protocol.title, lines)


def _limits(protocol: Protocol, book: RuleBook) -> list[str]:
    drugs = protocol.applies.drugs or protocol.applies.together
    lines: list[str] = []
    for rule in protocol.thresholds:
        lines += ["", *rule_lines(rule, book, UP, "###", drugs)]
    if protocol.thresholds_from:
        lines += ["", _borrowed("limits", protocol.thresholds_from, book)]
    return lines or ["", "No limit of this body was read."]


def _before(test: BaselineTest, book: RuleBook) -> str:
    only = f", only if {code(test.only_if)}" if test.only_if else ""
    says = f" {text(test.says)}" if test.says else ""
    wanted = f"{panel_says(test.panel, book)} ({test.strength}{only}), not older than {test.within}."
    return f"- {wanted}{says} {citation(test.source, book, UP)}"


def panel_says(panel: Panel, book: RuleBook) -> str:
    """A panel in words: 'Full blood count; Creatinine or eGFR; Height (to be considered)'."""
    words = book.vocabulary
    found = [words.show(key) for key in panel.all]
    found += [" or ".join(words.show(key) for key in group) for group in panel.any]
    found += [f"{words.show(key)} (to be considered)" for key in panel.consider]
    return text("; ".join(found))


def _schedule(schedule: Schedule, book: RuleBook) -> list[str]:
    only = f", only if {code(schedule.only_if)}" if schedule.only_if else ""
    rhythm = text("; then ".join(phase_says(phase) for phase in schedule.phases))
    wanted = f"{code(schedule.id)} ({schedule.strength}{only}): {panel_says(schedule.panel, book)}: {rhythm}."
    lines = [f"- {wanted} {citation(schedule.source, book, UP)}"]
    lines += [
        f"  - {text(phase_says(phase).capitalize())}: {citation(phase.source, book, UP)}"
        for phase in schedule.phases
        if phase.source
    ]
    lines += [_event(event, book) for event in schedule.on]
    lines += [_modifier(modifier, book) for modifier in schedule.modifiers]
    return lines


def _event(event: OnEvent, book: RuleBook) -> str:
    extra = "".join(f"{phase_says(phase)}; " for phase in event.phases)
    then = {"restart": "the schedule begins again", "resume": "its own phases go on underneath"}[event.then]
    return f"  - After a {event.event.replace('-', ' ')}: {extra}{then}. {citation(event.source, book, UP)}"


def _modifier(modifier: Modifier, book: RuleBook) -> str:
    verb = "Less often" if modifier.loosens else "More often"
    held = f"{verb}, every {modifier.every}, when {code(modifier.when)}: {text(modifier.says)}"
    return f"  - {held} {citation(modifier.source, book, UP)}"


def _borrowed(what: str, borrowed: Borrowed, book: RuleBook) -> str:
    lender = book.protocols[borrowed.protocol]
    link = f"[{text(lender.title)}]({UP}{_file(lender)}.md)"
    verb = "is" if what == "schedule" else "are"
    return f"- The {what} of {link} {verb} borrowed: {text(borrowed.why)} {citation(borrowed.source, book, UP)}"
