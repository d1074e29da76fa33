"""Genotypes for a terminal: one sample gene by gene, with what is not known and what each body advises; many as a table
with counts."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from rxvigil.facts import show_day
from rxvigil.reports import genotype_words as say
from rxvigil.reports import words
from rxvigil.reports.genotype_result import AdviceShown, CallShown, GenotypeResult, PairShown, RowShown, SampleShown
from rxvigil.reports.printing import Printer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_ROWS: Final = 60
"""Samples that a screen shows one by one."""
MOST_WRITTEN: Final = 300
"""Characters of a laboratory's words that are printed."""
MOST_OTHER_ROWS: Final = 2
"""Rows beside the one to follow that are shown in full."""
_GENES: Final = (("tpmt", "TPMT"), ("nudt15", "NUDT15"))


def genotype_text(result: GenotypeResult, console: "Console") -> None:
    """Print the result."""
    report = _Report(console, result)
    report.opening()
    if len(result.samples) == 1:
        report.one(result.samples[0])
    else:
        report.many()
    report.closing()


class _Report(Printer):
    def __init__(self, console: "Console", result: GenotypeResult) -> None:
        super().__init__(console)
        self.result = result

    def opening(self) -> None:
        """What was read, under which rules, with which assumptions."""
        result = self.result
        who = f"Sample {result.samples[0].sample}" if len(result.samples) == 1 else f"{len(result.samples)} samples"
        self.line(
            f"{who}; as of {show_day(result.on)}" if result.input.kind == "vcf" else f"As of {show_day(result.on)}"
        )
        self.line(say.input_line(result))
        self.line(say.rules_line(result))
        for text in say.assumptions(result):
            self.labelled("Assumed", text)
        for gene in result.input.genes_without_records:
            self.line(f"The file holds no record about {gene.upper()}: nothing is known of it.", style="bold")

    def one(self, sample: SampleShown) -> None:
        """Both genes, then the advice."""
        pair = self.result.pairs[sample.pair]
        for gene, name in _GENES:
            self.gene(name, self.result.call(pair, gene))
        self.advice(pair)

    def gene(self, name: str, call: CallShown | None) -> None:
        """One gene: the verdict first, then what it rests on and what is open."""
        self.blank()
        self.labelled(f"{name:6}", say.verdict(self.result, call), "bold")
        if call is None:
            return
        indent = 2 if self.narrow else 7
        self._panel(call, indent)
        if call.written is not None:
            self.line(f"As written: {_shortened(call.written)}", indent)
        counted = self.result.counted(call)
        if len(counted) > 1:
            self.line(f"Possible: {say.possible(counted)}.", indent)
        for text in (*say.site_lines(call.sites), *call.caveats):
            self.line(f"Not known: {text}." if text not in call.caveats else f"Note: {text}", indent)
        if call.not_tested:
            self.line(f"Not said to be tested: {', '.join(call.not_tested)}.", indent)
        for way in call.resolved_by if say.is_open(self.result.groups(call)) else ():
            self.line(f"To resolve: {say.RESOLVED_BY[way]}.", indent)

    def _panel(self, call: CallShown, indent: int) -> None:
        """What a laboratory would report that tests the sites seen, where that is another answer."""
        if self.result.input.untested_as_reference and call.diplotypes != call.if_untested_are_reference:
            self.line(f"Without that assumption: {say.possible(call.diplotypes)}.", indent)
        panel = say.on_the_panel(self.result, call)
        if panel:
            self.line(f"By the minimum panel, which was seen whole: {panel}.", indent, style="bold")
            self.line(
                "A laboratory that tests a panel reports this and takes rarer sites for the reference; to dose by it, "
                "ask for it with --untested-as-reference.",
                indent,
            )

    def advice(self, pair: PairShown) -> None:
        """Each body beside the others."""
        result = self.result
        self.heading(f"Starting dose of {result.drug_name}")
        intended = f"; intended start {result.intended}" if result.intended else ""
        self.line(f"For {result.setting} disease{intended}.")
        others = {one.body: one for one in pair.advice_if_untested_are_reference}
        for advice in pair.advice:
            self.blank()
            self.body(advice, others.get(advice.body))
        self._gaps([advice for advice in pair.advice if advice.gaps])

    def _gaps(self, bodies: list[AdviceShown]) -> None:
        if bodies:
            self.heading("What was not read")
        for advice in bodies:
            self.line(advice.body)
            for gap in advice.gaps:
                self.line(gap, 2)

    def body(self, advice: AdviceShown, untested: AdviceShown | None) -> None:
        """One body: the row to follow, the others that may apply, what is not said."""
        self.line(say.advice_head(advice), style="bold")
        row = say.used_row(advice)
        if row is None:
            self.line("Says nothing that was read about these phenotypes.", 2)
        else:
            self.row(row, "Until resolved: " if len(advice.rows) > 1 or advice.no_row else "")
        self._others([one for one in advice.rows if not one.used])
        fewer = say.used_row(untested) if untested else None
        if fewer is not None and row is not None and fewer.id != row.id:
            self.line(f"If the unseen sites outside the minimum panel carry the reference: {fewer.says}", 2)
        if advice.no_row and row is not None:
            self.line(f"Nothing was read for {say.pairs_line(advice.no_row)}.", 2)

    def _others(self, rows: list[RowShown]) -> None:
        """The rows that apply if it turns out otherwise; many are only counted."""
        if len(rows) > MOST_OTHER_ROWS:
            self.line(f"{len(rows)} other rows may apply, each less careful.", 2)
            return
        for one in rows:
            self.line(f"If {say.pairs_line(one.pairs)}: {one.says}", 2)

    def row(self, row: RowShown, before: str) -> None:
        """The row with its condition, strength, source and mark."""
        self.line(f"{before}{row.says}", 2, style="bold")
        for text in (
            say.clause_line(row, self.result.intended),
            f"{say.STRENGTH[row.strength].capitalize()}; {row.source.title}, {row.source.where} ({row.source.mark}, "
            f"checked {show_day(row.source.checked)}{f'; read in {row.source.via}' if row.source.via else ''}).",
            *(f"Compare: {other}" for other in row.disagrees),
        ):
            if text:
                self.line(text, 2)

    def many(self) -> None:
        """Counts of what was found; every sample where there are few."""
        self.heading("How many of each")
        self.console.print(self._table(self._counts()), highlight=False)
        if len(self.result.samples) <= MOST_ROWS:
            self.heading("Each sample")
            rows = [(one.sample, *self._cells(self.result.pairs[one.pair])) for one in self.result.samples]
            self.console.print(self._table(rows, "Sample"), highlight=False)
        else:
            self.line("For every sample: --format tsv or --format json.")

    def _counts(self) -> list[tuple[str, ...]]:
        counts: Counter[tuple[str, ...]] = Counter()
        for place, number in Counter(one.pair for one in self.result.samples).items():
            counts[self._cells(self.result.pairs[place])] += number
        return [(str(number), *cells) for cells, number in counts.most_common()]

    def _cells(self, pair: PairShown) -> tuple[str, ...]:
        return tuple(self._cell(self.result.call(pair, gene)) for gene, _ in _GENES)

    def _cell(self, call: CallShown | None) -> str:
        panel = say.on_the_panel(self.result, call)
        if call is None or not panel:
            return say.verdict(self.result, call)
        return f"{panel} by the minimum panel; rarer sites not seen, so in full: dose as {say.group(call.dose_by)}"

    def _table(self, rows: list[tuple[str, ...]], first: str = "Samples") -> "Table":
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
        for name in (first, *(name for _, name in _GENES)):
            table.add_column(name)
        for row in rows:
            table.add_row(*(Text(words.clean(cell)) for cell in row))
        return table

    def closing(self) -> None:
        """What this is."""
        self.blank()
        marks = {
            row.source.mark for pair in self.result.pairs for advice in pair.advice for row in advice.rows if row.used
        }
        for mark in sorted(marks) if len(self.result.samples) == 1 else ():
            self.line(f"{mark}: {words.MARK_MEANS.get(mark, 'not explained')}.")
        self.line(f"Rule book {self.result.book[:12]}.")
        self.line(words.INTENDED_USE)


def _shortened(text: str) -> str:
    """A laboratory's words, as far as a reader needs them; JSON has them whole."""
    return text if len(text) <= MOST_WRITTEN else f"{text[:MOST_WRITTEN]} …"
