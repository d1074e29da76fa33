"""Doses: a page per dosing protocol, and pages of what changes a dose, of products, of conversions and tapers."""

from reference.markdown import citation, code, file_link, inside, page, table, text
from reference.rules import action_says, disagreements, source_items
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.dosing import Adjustment, DoseStep, DosingProtocol, Effect, Presentation, StatedDose


def pages(book: RuleBook) -> dict[str, str]:
    """An overview, and a page per file."""
    made = {f"doses/{_flat(one.id)}.md": _protocol(one, book) for one in book.dosing.values()}
    made |= {f"doses/{_flat(key)}.md": _adjustments(key, book) for key in book.adjustments}
    made |= {f"doses/{_flat(key)}.md": _products(key, book) for key in book.products}
    made |= {f"doses/{_flat(key)}.md": _changes(key, book) for key in book.dose_changes}
    return made | {"doses.md": _overview(book)}


def _flat(identity: str) -> str:
    return identity.replace("/", "-")


def _overview(book: RuleBook) -> str:
    rows = [
        (
            f"[{text(one.title)}](doses/{_flat(identity)}.md)",
            ", ".join(one.jurisdictions),
            text(", ".join(book.vocabulary.show(key) for key in one.indications)) or "any other",
            one.start.dose if one.start else "–",
            _first(one.maximum),
        )
        for identity, one in sorted(book.dosing.items())
    ]
    others = [*book.adjustments.values(), *book.products.values(), *book.dose_changes.values()]
    lines = [
        "Each body by itself; nothing is averaged. How a dose is worked out from them is explained in",
        "[doses](../explanation/doses.md).",
        "",
        *table(("Protocol", "Where", "For", "Start", "Maximum"), rows),
        "",
        *(f"- [{text(one.title)}](doses/{_flat(one.id)}.md)" for one in sorted(others, key=lambda one: one.id)),
    ]
    return page("Doses", lines)


def _first(maximum: tuple[StatedDose, ...]) -> str:
    return "; ".join(one.dose for one in maximum) or "–"


def _protocol(one: DosingProtocol, book: RuleBook) -> str:
    lines = [
        f"{code(one.id)}, {file_link(one.id, '../')}. {text(one.body)}. Review by {show_day(one.review_by)}.",
        f"In {', '.join(one.jurisdictions)}; for "
        + (
            text(", ".join(book.vocabulary.show(key) for key in one.indications))
            or "any indication without an entry of its own"
        )
        + ".",
        "",
        *(f"- Gap: {text(gap)}" for gap in one.gaps),
        f"- Weight: {one.weight.basis}. {citation(one.weight.source, book, '../')}",
    ]
    if one.do_not_start:
        lines.append(
            f"- **Do not start.** {text(one.do_not_start.says)} {citation(one.do_not_start.source, book, '../')}"
        )
    for name in ("start", "target", "maintenance"):
        stated = getattr(one, name)
        lines += [f"- {name.capitalize()}: {_stated(stated, book)}"] if stated else []
    lines += [f"- Maximum: {_stated(stated, book)}" for stated in one.maximum]
    lines += [f"- Raised {_step(one.increase, book)}"] if one.increase else []
    lines += [f"- Lowered {_step(one.decrease, book)}"] if one.decrease else []
    if one.rounding:
        rounding = one.rounding
        cited = citation(rounding.source, book, "../")
        lines.append(f"- Rounded {rounding.direction} to {rounding.to_mg:g} mg. {cited}")
    if one.no_response:
        lines.append(
            f"- No response after {one.no_response.after}: {text(one.no_response.says)}"
            f" {citation(one.no_response.source, book, '../')}"
        )
    if one.withdrawal:
        lines.append(f"- Stopping: {text(one.withdrawal.says)} {citation(one.withdrawal.source, book, '../')}")
    lines += [f"- {text(note.says)} {citation(note.source, book, '../')}" for note in one.notes]
    return page(one.title, lines)


def _stated(one: StatedDose, book: RuleBook) -> str:
    other = f" ({one.or_as})" if one.or_as else ""
    says = f". {text(one.says)}" if one.says else ""
    return f"{one.dose}{other}{says} {citation(one.source, book, '../')}"


def _step(one: DoseStep, book: RuleBook) -> str:
    first = f", first after {one.first_after}" if one.first_after else ""
    every = f", every {one.every} at the earliest" if one.every else ""
    says = f". {text(one.says)}" if one.says else ""
    return f"by {one.by}{first}{every}{says} {citation(one.source, book, '../')}"


def _adjustments(key: str, book: RuleBook) -> str:
    file = book.adjustments[key]
    lines = [
        f"{code(file.id)}, {file_link(file.id, '../')}. Review by {show_day(file.review_by)}.",
        "",
        *(f"- Gap: {text(gap)}" for gap in file.gaps),
    ]
    for one in file.adjustments:
        lines += ["", *_adjustment(one, book)]
    return page(file.title, lines)


def _adjustment(one: Adjustment, book: RuleBook) -> list[str]:
    drugs = text(", ".join(book.vocabulary.show(drug) for drug in one.drugs))
    where = f", in {', '.join(one.jurisdictions)}" if one.jurisdictions else ""
    return [
        f"## {one.id}",
        "",
        f"**{one.tier.upper()}**, {drugs}{where}. {text(one.says)}",
        "",
        f"- When {code(one.when)}",
        f"- Effect: {_effect(one.effect)}",
        f"- {action_says(one.action)}",
        *source_items((one.source, *one.also), book, "../"),
        *disagreements(one.disagrees, book, "../"),
    ]


def _effect(one: Effect) -> str:
    if one.fraction:
        low, high = (part * 100 for part in one.fraction)
        return f"{low:g} % of the dose" if low == high else f"{low:g} to {high:g} % of the dose"
    if one.subtract or one.cap:
        return f"less by {one.subtract}" if one.subtract else f"no more than {one.cap}"
    if one.lower_end:
        return "the lower end of the range"
    return "no dose: choose another way" if one.avoid else "less; the source gives no number"


def _products(key: str, book: RuleBook) -> str:
    file = book.products[key]
    rows = [
        (
            text(f"{one.brand or book.vocabulary.show(one.drug)}, {one.form.replace('-', ' ')}"),
            ", ".join(one.jurisdictions),
            _strengths(one),
            {True: "yes", False: "no", None: "not read: not halved"}[one.splittable] if one.strengths_mg else "–",
            text(one.says or ""),
            citation(one.source, book, "../"),
        )
        for one in file.presentations
    ]
    lines = [
        f"{code(file.id)}, {file_link(file.id, '../')}. Review by {show_day(file.review_by)}.",
        "",
        *(f"- Gap: {text(gap)}" for gap in file.gaps),
        "",
        *table(("Product", "Where", "Strengths", "May be halved", "Note", "Source"), rows),
    ]
    return page(file.title, lines)


def _strengths(one: Presentation) -> str:
    if one.mg_per_ml is None:
        return ", ".join(f"{strength:g}" for strength in one.strengths_mg) + " mg"
    steps = [
        f"{step.step_mg:g} mg steps" + (f" up to {step.up_to_mg:g} mg" if step.up_to_mg else "")
        for step in one.measuring
    ]
    return ", ".join([f"{one.mg_per_ml:g} mg/mL", *steps])


def _changes(key: str, book: RuleBook) -> str:
    file = book.dose_changes[key]
    lines = [
        f"{code(file.id)}, {file_link(file.id, '../')}. Review by {show_day(file.review_by)}.",
        "",
        *(f"- Gap: {text(gap)}" for gap in file.gaps),
    ]
    for one in file.conversions:
        low, high = one.divide_by
        by = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        lines += [
            "", f"## {one.id}", "",
            f"{book.vocabulary.show(one.from_drug)} to {inside(book.vocabulary.show(one.to_drug))}:"
            f" divide by {by}. {text(one.says)}", "",
            *source_items((one.source,), book, "../"), *disagreements(one.disagrees, book, "../"),
        ]  # fmt: skip
    for taper in file.tapers:
        by = f" by {taper.by}" + (f" every {taper.every}" if taper.every else "") if taper.by else ""
        lines += [
            "", f"## {taper.id}", "", f"{text(book.vocabulary.show(taper.drug))}{by}. {text(taper.says)}", "",
            *source_items((taper.source,), book, "../"),
        ]  # fmt: skip
    return page(file.title, lines)
