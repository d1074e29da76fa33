"""Pharmacogenetic releases: a page per release of each body, with alleles, phenotypes and advice for pairs of genes."""

from reference.markdown import citation, code, file_link, page, plural, table, text
from reference.rules import disagreements, source_items
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.pharmacogenes import Gene, PairAdvice, Release, StarAllele


def pages(book: RuleBook) -> dict[str, str]:
    """An overview, and a page per release."""
    made = {f"genes/{one.id.replace('/', '-')}.md": _release(one, book) for one in book.releases.values()}
    return made | {"genes.md": _overview(book)}


def _overview(book: RuleBook) -> str:
    rows = [
        (
            f"[{text(one.title)}](genes/{identity.replace('/', '-')}.md)",
            _in_force(one),
            ", ".join(f"{plural(len(gene.alleles), 'allele')} of {gene.key.upper()}" for gene in one.genes) or "–",
            str(len(one.advice)),
            show_day(one.review_by),
        )
        for identity, one in sorted(book.releases.items())
    ]
    lines = [
        "One file is one release of one body. A diplotype is read under the release in force on the date of the",
        "assessment; `rxvigil genotype --rules-of` reads it again under any other.",
        "",
        *table(("Release", "In force", "Alleles", "Advice rows", "Review by"), rows),
    ]
    return page("TPMT and NUDT15", lines)


def _in_force(one: Release) -> str:
    begin, end = one.effective.from_, one.effective.to
    return f"{show_day(begin) if begin else '…'} to {show_day(end) if end else 'now'}"


def _release(one: Release, book: RuleBook) -> str:
    lines = [
        f"{code(one.id)}, {file_link(one.id, '../')}. {text(one.body)}, {text(one.version)}. In force"
        f" {_in_force(one)}; read {show_day(one.accessed)}; review by {show_day(one.review_by)}.",
        "",
        *(f"- Gap: {text(gap)}" for gap in one.gaps),
        *(
            f"- Standard dose of {text(dose.drug)}: {dose.dose}. {citation(dose.source, book, '../')}"
            for dose in one.standard
        ),
    ]
    for gene in one.genes:
        lines += ["", *_gene(gene, book)]
    for advice in one.advice:
        lines += ["", *_advice(advice, book)]
    return page(one.title, lines)


def _gene(gene: Gene, book: RuleBook) -> list[str]:
    return [
        f"## {gene.key.upper()}",
        "",
        f"Chromosome {gene.chromosome}, {gene.strand} strand. Positions are GRCh38 (GRCh37: add {gene.grch37_offset}).",
        f"Source: {citation(gene.source, book, '../')}",
        "",
        *table(
            ("Allele", "Carries", "Function"),
            ((_name(one, gene), _carries(one, gene), one.function) for one in gene.alleles),
        ),
        "",
        *table(
            ("Two functions", "Phenotype"),
            ((pair.replace("+", " and "), group) for pair, group in gene.phenotypes.items()),
        ),
        "",
        *(f"- Not a site: {text(name)}. {text(why)}" for name, why in gene.ignored.items()),
    ]


def _name(one: StarAllele, gene: Gene) -> str:
    older = [old for old, new in gene.retired.items() if new == one.name]
    return text(one.name) + (f" (once also {text(', '.join(older))})" if older else "")


def _carries(one: StarAllele, gene: Gene) -> str:
    sites = {site.id: site for site in gene.sites}
    parts = [f"{key} {sites[key].position} {sites[key].reference}>{allele}" for key, allele in one.carries.items()]
    parts += [
        f"{key} {sites[key].position} {sites[key].reference}>{' or '.join(alleles)}"
        for key, alleles in one.any_of.items()
    ]
    return text("; ".join(parts)) or "the reference everywhere"


def _advice(one: PairAdvice, book: RuleBook) -> list[str]:
    return [
        f"## {one.id}",
        "",
        f"{text(book.vocabulary.show(one.drug))}, {one.strength}. {text(one.says)}",
        "",
        f"- For {_pair(one)}" + (f", {one.setting} disease" if one.setting != "any" else "") + ".",
        *([f"- {_fraction(one)}"] if one.fraction or one.avoid else []),
        *source_items((one.source, *one.also), book, "../"),
        *disagreements(one.disagrees, book, "../"),
    ]


def _pair(one: PairAdvice) -> str:
    if one.either:
        return f"TPMT or NUDT15 {' or '.join(one.either)}"
    parts = [f"{gene} {' or '.join(groups)}" for gene, groups in (("TPMT", one.tpmt), ("NUDT15", one.nudt15)) if groups]
    return " and ".join(parts) or "any pair"


def _fraction(one: PairAdvice) -> str:
    if one.avoid:
        return "Choose another drug."
    low, high = one.fraction or (1.0, 1.0)
    share = f"{low * 100:g} %" if low == high else f"{low * 100:g} to {high * 100:g} %"
    least = f" if that is at least {one.only_if_start_at_least}" if one.only_if_start_at_least else ""
    return f"Start with {share} of the standard dose{least}."
