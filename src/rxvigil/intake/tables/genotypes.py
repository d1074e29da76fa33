"""Genotypes of TPMT and NUDT15: one report per row, or one person per row with a column for each gene."""

from rxvigil.facts import Genotype, NotUnderstood, Origin, When
from rxvigil.intake.genotypes import taken_together
from rxvigil.intake.reading import Doubt, NotOurs, clean
from rxvigil.intake.tables.mapping import GenotypesTable
from rxvigil.intake.tables.reader import Reader, known, listed, origin
from rxvigil.intake.tables.textfile import Row
from rxvigil.intake.tables.tray import Tray
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.vocabulary import ConceptEntry


class GenotypesReader(Reader[GenotypesTable]):
    """Diplotypes, metaboliser groups, or a laboratory's words for either."""

    def affects(self) -> tuple[str, ...]:
        """The gene of the table, or all of them where a column names it."""
        constant = self.table.gene.constant
        return (constant,) if constant else tuple(sorted(self.vocabulary.concepts["gene"]))

    def read(self, row: Row, tray: Tray) -> None:
        """One report, or why not. Blank cells are a test that was not done."""
        subject = self.subject(self.table.gene, row)
        genes = self.vocabulary.concepts["gene"]
        meant = subject.meant(genes, lambda: self.finder.concept("gene", subject.codings, subject.name))
        where = origin(row, self.table.result or self.table.phenotype or subject.column)
        if isinstance(meant, NotOurs):
            tray.gathering.outside("gene", meant)
        elif isinstance(meant, Doubt):
            tray.gathering.add(meant.listed(subject.shown, where))
        else:
            self._read_report(meant.entry, where, row, tray)

    def _read_report(self, gene: ConceptEntry, where: Origin, row: Row, tray: Tray) -> None:
        said = [text for column in (self.table.result, self.table.phenotype) if (text := self.cells.text(column, row))]
        status = "final" if self.table.status is None else self.cells.word(self.table.status, row)
        when = self.cells.date(self.table.date, row)
        if status == "withdrawn":
            tray.gathering.unread("withdrawn genotype")
        elif not said:
            tray.gathering.unread("genotype left blank")
        elif isinstance(status, Doubt):
            tray.gathering.add(listed(status, gene.name, where, (gene.key,), known(when)))
        elif isinstance(when, Doubt):
            tray.gathering.add(listed(when, gene.name, where, (gene.key,)))
        else:
            tray.gathering.add(genotype_said(gene, said, self.vocabulary, f"{row.place}:{gene.key}", where, when))


def genotype_said(
    gene: ConceptEntry, said: list[str], words: Vocabulary, identity: str, where: Origin, when: When | None
) -> Genotype | NotUnderstood:
    """The genotype that texts of a report state together, or why they do not."""
    found = taken_together(gene, said, words)
    if found.at_odds:
        return listed(Doubt("it states two different things", ()), gene.name, where, (gene.key,), when)
    if not found.understood:
        why = "it says neither a phenotype nor a pair of alleles that we know"
        return listed(Doubt(why, ()), gene.name, where, (gene.key,), when)
    return Genotype(
        id=identity,
        gene=gene.key,
        origin=where,
        when=when,
        phenotype=next(iter(found.phenotypes)) if len(found.phenotypes) == 1 else None,
        diplotypes=found.diplotypes,
        written=clean("; ".join(dict.fromkeys(said))),
    )
