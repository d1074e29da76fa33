"""The rule book for readers: a line per rule, a page per rule, what differs between two books."""

from collections.abc import Iterator

from rxvigil.facts import parse_range, show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.provenance import Publication, Source
from rxvigil.knowledge.rules import Action, DecisionTable, Phase, Protocol, Rule, Schedule


def rule_lines(book: RuleBook, contains: str = "") -> Iterator[str]:
    """One line per rule, schedule, baseline test and table row whose id contains the text, sorted by id."""
    lines = [f"{identity}  {rule.tier.upper()}  {_marked(rule.source)}  {rule.when}" for identity, rule in book.rules()]
    for protocol in book.protocols.values():
        lines += [f"{protocol.id}#{one.id}  TESTS  {_marked(one.source)}  {_rhythm(one)}" for one in protocol.schedule]
        lines += [f"{protocol.id}#{one.id}  BEFORE  {_marked(one.source)}" for one in protocol.baseline]
    for table in book.tables.values():
        lines += [f"{table.id}#{row.id}  {row.tier.upper()}  {_marked(row.source)}" for row in table.rows]
    return (line for line in sorted(lines) if contains in line.split("  ")[0])


def rule_page(book: RuleBook, identity: str) -> str | None:
    """Everything about one rule, schedule, table or protocol, as text; none where there is none of that id."""
    home, _, name = identity.partition("#")
    for full, rule in book.rules():
        if full == identity:
            return "\n".join(_rule(full, rule, book))
    protocol, table = book.protocols.get(home), book.tables.get(home)
    if protocol and not name:
        return "\n".join(_protocol(protocol, book))
    if protocol:
        found = [one for one in protocol.schedule if one.id == name]
        return "\n".join(_schedule(protocol, found[0], book)) if found else _baseline(protocol, name, book)
    if table:
        return "\n".join(_table(table, name, book)) or None
    return None


def book_differences(before: RuleBook, after: RuleBook) -> Iterator[str]:
    """Rules that came, went or changed, advice before everything else."""
    first, second = _entries(before), _entries(after)
    for identity in sorted(first.keys() | second.keys()):
        if identity not in second:
            yield f"gone     {identity}"
        elif identity not in first:
            yield f"new      {identity}"
        elif first[identity] != second[identity]:
            old, new = first[identity], second[identity]
            changed = [key for key in new.keys() | old.keys() if new.get(key) != old.get(key)]
            for key in sorted(changed):
                yield f"changed  {identity} {key}: {old.get(key)!r} -> {new.get(key)!r}"


def _entries(book: RuleBook) -> dict[str, dict[str, object]]:
    found = {identity: rule.model_dump(mode="json") for identity, rule in book.rules()}
    for protocol in book.protocols.values():
        found |= {f"{protocol.id}#{one.id}": one.model_dump(mode="json") for one in protocol.schedule}
        found |= {f"{protocol.id}#{one.id}": one.model_dump(mode="json") for one in protocol.baseline}
    for table in book.tables.values():
        for row in table.rows:
            found[f"{table.id}#{row.id}"] = row.model_dump(mode="json")
    return found


def _marked(source: Source) -> str:
    never = " (never fires)" if source.mark == "memory" else ""
    return f"{source.mark}{never}: {source.ref}"


def _rhythm(schedule: Schedule) -> str:
    return "; then ".join(phase_says(phase) for phase in schedule.phases)


def phase_says(phase: Phase) -> str:
    """A phase in words: 'every 2 weeks until the dose has been stable for 6 weeks'."""
    if phase.stop:
        return "no further tests"
    rhythm = parse_range(phase.every).rhythm if phase.every else "at " + ", ".join(phase.at)
    if phase.until:
        return f"{rhythm} until the dose has been stable for {phase.until.dose_stable_for}"
    return f"{rhythm} for {phase.for_}" if phase.for_ and phase.every else rhythm


def asked_for(action: Action) -> str:
    """What a body asks for, as firmly as it does: 'withhold', 'consider: stop'."""
    return f"consider: {action.verb}" if action.strength == "consider" else action.verb


def _rule(identity: str, rule: Rule, book: RuleBook) -> Iterator[str]:
    yield f"{identity}   ({book.places.get(identity, 'unknown place')})"
    yield f"  {rule.says}"
    yield f"  tier        {rule.tier.upper()}" + (
        "   never fires: nobody has read the source" if rule.source.mark == "memory" else ""
    )
    home = book.protocols.get(identity.partition("#")[0])
    yield f"  asked       {_asked(rule, home.applies.drugs if home else ())}"
    yield f"  when        {rule.when}"
    if rule.unless:
        yield f"  unless      {rule.unless}   (must be shown; not knowing does not excuse)"
    for cause in rule.attest:
        yield f"  exclude     {cause}"
    yield f"  action      {rule.action.verb} ({rule.action.strength}, {rule.action.urgency}): {rule.action.says}"
    for source in (rule.source, *rule.also):
        yield from source_lines(source, book)
    for other in rule.disagrees:
        yield f"  disagrees   {other.says}"
        yield from source_lines(other.source, book)


def _asked(rule: Rule, drugs: tuple[str, ...]) -> str:
    who = " or ".join(rule.applies.drugs or drugs) or "anybody"
    where = f" in {', '.join(rule.applies.jurisdictions)}" if rule.applies.jurisdictions else ""
    moment = {"course": "while taking", "after-stop": "after stopping", "any": "at any time:"}[rule.during]
    return f"{moment} {who}{where}"


def source_lines(source: Source, book: RuleBook) -> Iterator[str]:
    """A citation: publication, place, mark, where it was read, when it was last compared."""
    publication: Publication | None = book.publications.get(source.ref)
    title = f"{publication.body}: {publication.title}" if publication else source.ref
    yield f"  source      {title}; {source.where}   [{source.mark}, checked {show_day(source.checked)}]"
    if source.via:
        yield f"              read in {source.via}"
    if source.note:
        yield f"              {source.note}"
    if publication and publication.superseded_by:
        yield f"              superseded by {publication.superseded_by}"


def _protocol(protocol: Protocol, book: RuleBook) -> Iterator[str]:
    yield f"{protocol.id}   ({book.places.get(protocol.id, '')})"
    yield f"  {protocol.title} - {protocol.body}"
    if protocol.superseded:
        yield f"  superseded  {protocol.superseded.says}"
    for gap in protocol.gaps:
        yield f"  gap         {gap}"
    for one in protocol.baseline:
        keys = [*one.panel.all, *(" or ".join(group) for group in one.panel.any)]
        yield f"  before      {one.id} ({one.strength}): {', '.join(keys)}"
    for schedule in protocol.schedule:
        yield f"  tests       {schedule.id}: {_rhythm(schedule)}"
    for rule in protocol.thresholds:
        yield f"  limit       {rule.id}: {rule.when} -> {rule.action.verb}"


def _schedule(protocol: Protocol, schedule: Schedule, book: RuleBook) -> Iterator[str]:
    yield f"{protocol.id}#{schedule.id}   ({book.places.get(f'{protocol.id}#{schedule.id}', '')})"
    keys = [*schedule.panel.all, *(" or ".join(group) for group in schedule.panel.any)]
    yield f"  tests       {', '.join(keys)} ({schedule.strength})"
    yield f"  when        {_rhythm(schedule)}"
    for event in schedule.on:
        extra = "; then ".join(phase_says(phase) for phase in event.phases)
        yield f"  on          {event.event}: {extra or event.then}" + (f", then {event.then}" if extra else "")
    for modifier in schedule.modifiers:
        yield f"  modified    {parse_range(modifier.every).rhythm} when {modifier.when}: {modifier.says}"
    yield from source_lines(schedule.source, book)


def _baseline(protocol: Protocol, name: str, book: RuleBook) -> str | None:
    for one in protocol.baseline:
        if one.id == name:
            keys = ", ".join([*one.panel.all, *(" or ".join(group) for group in one.panel.any)])
            asked = f"  before the first dose ({one.strength}), within {one.within}: {keys}"
            return "\n".join([f"{protocol.id}#{name}", asked, *source_lines(one.source, book)])
    return None


def _table(table: DecisionTable, name: str, book: RuleBook) -> Iterator[str]:
    rows = [row for row in table.rows if not name or row.id == name]
    if not rows:
        return
    yield f"{table.id}   {table.title} - {table.body}"
    yield f"  method      {', '.join(table.methods) or 'the table names none'}"
    for axis in table.axes:
        bands = "; ".join(f"{band.name} {band.range or band.category}" for band in axis.bands)
        yield f"  axis        {axis.name} ({axis.of}, {axis.unit or 'category'}): {bands}"
    for row in rows:
        when = ", ".join(f"{axis} {' or '.join(bands)}" for axis, bands in row.when.items())
        yield f"  row         {row.id}: {when} -> {row.tier.upper()}: {row.says} {row.action.says}"
        yield from (f"  gives way   to {rule}" for rule in row.gives_way_to)
        yield from source_lines(row.source, book)
    for gap in () if name else table.gaps:
        yield f"  gap         {gap.says}"
