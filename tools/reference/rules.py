"""The rules that hold whatever protocol is chosen: a page per topic, and a page that counts them."""

from collections import Counter
from collections.abc import Iterable

from reference.markdown import citation, code, file_link, inside, page, plural, table, text
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.provenance import Disagreement, Source
from rxvigil.knowledge.rules import Action, Rule, RulesFile

MARKS = ("verified", "secondary", "derived", "house", "memory")
_DURING = {"course": "while taking", "after-stop": "after stopping", "any": "at any time, about"}


def pages(book: RuleBook) -> dict[str, str]:
    """An overview, and a page per topic."""
    made = {f"rules/{topic.id.replace('/', '-')}.md": _topic(topic, book) for topic in book.topics.values()}
    return made | {"rules.md": _overview(book)}


def _overview(book: RuleBook) -> str:
    rows = []
    for identity, topic in sorted(book.topics.items()):
        marks = Counter(rule.source.mark for rule in topic.rules)
        tiers = Counter(rule.tier for rule in topic.rules)
        rows.append((
            f"[{text(topic.title)}](rules/{identity.replace('/', '-')}.md)", str(len(topic.rules)),
            *(_count(tiers[tier]) for tier in ("stop", "act", "know")), *(_count(marks[mark]) for mark in MARKS),
        ))  # fmt: skip
    total = sum(len(topic.rules) for topic in book.topics.values())
    lines = [
        f"{plural(total, 'rule')} in {plural(len(book.topics), 'topic')} hold whatever monitoring protocol is chosen.",
        "The limits that belong to one body's protocol are with [the protocols](protocols.md); published decision",
        "tables, such as those for metabolites, are under [tables](tables.md). What the marks mean is in",
        "[marks and sources](../explanation/marks-and-sources.md); a `memory` rule is shown and never fires.",
        "",
        *table(("Topic", "rules", "STOP", "ACT", "KNOW", *MARKS), rows),
    ]
    return page("Rules", lines)


def _count(number: int) -> str:
    return str(number) if number else ""


def _topic(topic: RulesFile, book: RuleBook) -> str:
    lines = [f"{code(topic.id)}, {file_link(topic.id, '../')}. Review by {show_day(topic.review_by)}."]
    if topic.gaps:
        lines += ["", "Known gaps:", "", *(f"- {text(gap)}" for gap in topic.gaps)]
    for rule in topic.rules:
        lines += ["", *rule_lines(rule, book, "../")]
    return page(topic.title, lines)


def rule_lines(rule: Rule, book: RuleBook, up: str, level: str = "##", drugs: tuple[str, ...] = ()) -> list[str]:
    """One rule whole, as a section; `drugs` are its protocol's, where the rule names none itself."""
    never = " **Never fires: nobody has read a source for it.**" if rule.source.mark == "memory" else ""
    lines = [
        f"{level} {rule.id}",
        "",
        f"**{rule.tier.upper()}**, {rule.kind}, {rule.source.mark}.{never} {text(rule.says)}",
        "",
        f"- Asked {asked(rule, book, drugs)}.",
        f"- When {code(rule.when)}",
    ]
    if rule.unless:
        lines.append(f"- Unless {code(rule.unless)} (must be shown; not knowing does not excuse)")
    if rule.attest:
        lines.append(f"- A person must first exclude: {text('; '.join(rule.attest))}.")
    lines += [f"- {action_says(rule.action)}", *source_items((rule.source, *rule.also), book, up)]
    lines += disagreements(rule.disagrees, book, up)
    return lines


def asked(rule: Rule, book: RuleBook, drugs: tuple[str, ...] = ()) -> str:
    """Of whom, when and where a rule is asked, in words."""
    applies, words = rule.applies, book.vocabulary
    who = " or ".join(inside(words.show(drug)) for drug in applies.drugs or drugs) or "anybody"
    parts = [f"{_DURING[rule.during]} {who}"]
    if applies.jurisdictions:
        parts.append(f"in {', '.join(applies.jurisdictions)}")
    if applies.except_in:
        parts.append(f"except in {', '.join(applies.except_in)}")
    if applies.specialties:
        parts.append("in " + ", ".join(words.show(one) for one in applies.specialties))
    if applies.only_if:
        parts.append(f"only if {code(applies.only_if)}")
    return ", ".join(parts)


def action_says(action: Action) -> str:
    """The action with its strength and urgency."""
    return f"Do ({action.strength}, {action.urgency}): {text(action.says)}"


def source_items(sources: Iterable[Source], book: RuleBook, up: str) -> list[str]:
    """A list item per source."""
    return [f"- Source: {citation(source, book, up)}" for source in sources]


def disagreements(others: Iterable[Disagreement], book: RuleBook, up: str) -> list[str]:
    """A list item per body that says something else."""
    return [f"- Others say: {text(other.says)} {citation(other.source, book, up)}" for other in others]
