"""What the reports of a gene say together, by the rules in force on the date (`engine.genotypes`): the metaboliser
groups that they allow, as bits of a number.

Pairs of star alleles are read by patterns made of the release's own names. What no pattern reads, a report in words,
and an activity that may change what a genotype means are left to the evaluator of one patient.
"""

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.bits import any_bit, every_bit
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.star_patterns import BETWEEN, pairs_of_group, read_whole
from rxvigil.cohort.truth import decide, holds, yes_or_open
from rxvigil.genetics import SAFEST_FIRST, ActivityGroup, ActivityReading, compare, defining, in_force
from rxvigil.genetics.activity import AS_METABOLISER
from rxvigil.genetics.naming import gene_of
from rxvigil.knowledge.pharmacogenes import Gene, MetaboliserGroup

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

BIT: Final[dict[MetaboliserGroup, int]] = {group: 1 << nth for nth, group in enumerate(SAFEST_FIRST)}
"""Each metaboliser group as one bit."""
_EVERY: Final = sum(BIT.values())


@dataclass(frozen=True)
class Genes:
    """The groups that reports allow, for every gene of the vocabulary: a report may also be a finding of its own."""

    context: Context

    def relation(self, steps: "Steps") -> "ir.Table | None":
        """One row for each person with a report of a gene, or an entry that may be one; none without genes."""
        if not self._keys:
            return None
        reports = reduce(lambda one, other: one.union(other), [self._reports(key) for key in self._keys])
        rows = reports.union(self._unread())
        for key in self._measured:
            rows = rows.union(self._activities(key, reports))
        found: dict[str, ir.Value] = {}
        for key in self._keys:
            found |= _together(key, rows)
        return steps.add("genes", rows.group_by("person").aggregate(**found))

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Which group it is, or whether that is known."""
        groups = self._groups(atom.subject, row)
        if atom.measure == "known":
            one = groups.isin(sorted(BIT.values())) | holds(row[column("gene", atom.subject, "stated")])
            return yes_or_open(one, holds(row[column("gene", atom.subject, "mentioned")]))
        wanted = sum(bit for group, bit in BIT.items() if group in atom.wanted)
        some = groups != 0
        return decide(some & ((groups & (_EVERY - wanted)) == 0), some & ((groups & wanted) == 0))

    def singly(self, row: "ir.Table") -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Reports to be read one by one, and genotypes beside an activity that says something else or more."""
        unclear = [
            (f"a report of {key} that needs reading", holds(row[column("gene", key, "unclear")])) for key in self._keys
        ]
        beside = [(f"genotype of {key} beside an activity", self._disputed(key, row)) for key in self._measured]
        return (*unclear, *beside)

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(sorted(self.context.words.concepts.get("gene", {})))

    @property
    def _measured(self) -> tuple[str, ...]:
        """Genes of whose enzyme the activity is measured."""
        return tuple(sorted({one.gene for one in self.context.words.activities.values()} & set(self._keys)))

    def _gene(self, key: str) -> Gene | None:
        """The gene in the release in force on the date; none where no release was (`engine.genotypes.release_for`)."""
        found = in_force(defining(self.context.words.releases, key), self.context.on)
        return gene_of(found[0], key) if found else None

    def _reports(self, key: str) -> "ir.Table":
        """Each report of a gene with the groups it allows."""
        import ibis

        rows, gene = self.context.facts.genotypes, self._gene(key)
        known = rows.when_first.isnull() | (rows.when_first <= literal_day(self.context.on))
        rows = rows.filter((rows.gene == key) & known)
        rows = rows.mutate(stated__=ibis.coalesce(rows.phenotype, ""), pairs__=_pairs(rows))
        stated = ibis.cases(*((rows.stated__ == group, bit) for group, bit in BIT.items()), else_=0)
        if gene is None:
            return _shaped(rows, rows.gene, groups=stated, stated=rows.stated__ != "", mentioned=ibis.literal(True))
        rows = rows.mutate(said__=stated).left_join(_meanings(rows, gene), "pairs__")
        spelt, words = rows.pairs__ != "", (rows.stated__ == "") & (rows.written != "")
        unread = ~rows.whole__ | _ambiguous(rows)
        differs = (rows.said__ != 0) & ((rows.said__ & rows.now__) == 0)
        return _shaped(
            rows,
            rows.gene,
            groups=ibis.ifelse(spelt, rows.now__, rows.said__),
            stated=rows.stated__ != "",
            mentioned=ibis.literal(True),
            unclear=ibis.ifelse(spelt, unread | differs, words),
        )

    def _unread(self) -> "ir.Table":
        """Entries that could not be read and may be a report: they leave open whether there is one."""
        import ibis

        rows = self.context.facts.doubts
        return _shaped(rows.filter(rows.key.isin(self._keys)), rows.key, mentioned=ibis.literal(True))

    def _activities(self, key: str, reports: "ir.Table") -> "ir.Table":
        """Activities in words of those of whom there is a report: the metabolisers they mean."""
        import ibis

        rows, on = self.context.facts.results, literal_day(self.context.on)
        coarse = rows.when_precision.isin(("year", "month")) & (rows.when_first <= on)
        rows = rows.filter((rows.analyte == f"{key}-activity") & ((rows.when_last <= on) | coarse))
        word = ibis.coalesce(rows.category, "").strip().lower()
        bits = ibis.cases(*((word == said, BIT[group]) for said, group in AS_METABOLISER.items()), else_=0)
        return _shaped(rows, ibis.literal(key), activity=bits).semi_join(reports.filter(reports.gene == key), "person")

    def _groups(self, key: str, row: "ir.Table") -> "ir.IntegerValue":
        """The groups that every report that says something allows; where they contradict one another, all of them."""
        import ibis

        every, some = row[column("gene", key, "every")], row[column("gene", key, "some")]
        return ibis.coalesce(ibis.ifelse(every == 0, some, every), 0)

    def _disputed(self, key: str, row: "ir.Table") -> "ir.BooleanValue":
        """An activity that contradicts the one group, or may decide between several."""
        import ibis

        groups, activity = self._groups(key, row), ibis.coalesce(row[column("gene", key, "activity")], 0)
        agrees = [(groups == bit, (activity & (_EVERY - _agreeing(group))) == 0) for group, bit in BIT.items()]
        return (activity != 0) & (groups != 0) & ~ibis.cases(*agrees, else_=False)


def _together(key: str, rows: "ir.Table") -> "dict[str, ir.Value]":
    import ibis

    mine = rows.gene == key
    telling = mine & (rows.groups != 0)
    return {
        column("gene", key, "every"): every_bit(ibis.ifelse(telling, rows.groups, ibis.null("int64"))),
        column("gene", key, "some"): any_bit(ibis.ifelse(telling, rows.groups, ibis.null("int64"))),
        column("gene", key, "activity"): any_bit(ibis.ifelse(mine, rows.activity, 0)),
        **{column("gene", key, name): rows[name].any(where=mine) for name in ("stated", "mentioned", "unclear")},
    }


def _shaped(rows: "ir.Table", gene: "ir.StringValue", **known: "ir.Value") -> "ir.Table":
    """Rows in the shape that all have; what they do not say is nothing."""
    import ibis

    numbers = {name: known.get(name, ibis.literal(0)).cast("int64") for name in ("groups", "activity")}
    flags = {name: known.get(name, ibis.literal(False)) for name in ("stated", "mentioned", "unclear")}
    return rows.select("person", gene=gene, **numbers, **flags)


def _pairs(rows: "ir.Table") -> "ir.StringValue":
    """All pairs of alleles of a report as one text."""
    import ibis

    return ibis.coalesce(rows.diplotypes.join(BETWEEN), "")


def _ambiguous(rows: "ir.Table") -> "ir.BooleanValue":
    """What stands between pairs also stands in one of them; or there is more than a line, whose end is not the end of
    a text to every database."""
    between = rows.pairs__.length() - rows.pairs__.replace(BETWEEN, "").length()
    return (rows.diplotypes.length() != between + 1) | rows.pairs__.contains("\n")


def _meanings(rows: "ir.Table", gene: Gene) -> "ir.Table":
    """What each way of writing pairs means, worked out once however many reports are written so."""
    texts = rows.select("pairs__").distinct()
    return texts.mutate(now__=_by_alleles(texts, gene), whole__=texts.pairs__.re_search(read_whole(gene)))


def _by_alleles(rows: "ir.Table", gene: Gene) -> "ir.IntegerValue":
    import ibis

    bits = [
        ibis.ifelse(rows.pairs__.re_search(pattern), bit, 0)
        for group, bit in BIT.items()
        if (pattern := pairs_of_group(gene, group)) is not None
    ]
    return reduce(lambda one, other: one + other, bits)


def _agreeing(group: MetaboliserGroup) -> int:
    """The metabolisers that an activity may mean without contradicting the genotype (`genetics.compare`)."""

    def agrees(measured: ActivityGroup) -> bool:
        return compare(frozenset({group}), ActivityReading(groups=frozenset({measured}))) is None

    return reduce(
        lambda one, other: one | other, (BIT[AS_METABOLISER[one]] for one in AS_METABOLISER if agrees(one)), 0
    )
