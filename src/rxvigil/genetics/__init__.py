"""From what a file or a laboratory says of TPMT and NUDT15 to possible diplotypes and phenotypes, and to what each body
advises for them. Pure."""

from rxvigil.genetics.activity import ActivityContext, ActivityReading, read_activity
from rxvigil.genetics.advice import (
    BodyAdvice,
    Groups,
    Pair,
    RowAdvice,
    Setting,
    advise,
    advise_under,
    defining,
    in_force,
)
from rxvigil.genetics.calling import call_gene
from rxvigil.genetics.conflict import Conflict, compare, narrowed
from rxvigil.genetics.groups import SAFEST_FIRST, safest
from rxvigil.genetics.haplotypes import Diplotype, GeneCall, Haplotype, Resolution, SiteNote
from rxvigil.genetics.naming import phenotype_of, read_diplotype
from rxvigil.genetics.observed import ABSENT, MISSING, OTHER, UNKNOWN, SiteCall, Status
from rxvigil.genetics.ranges import ActivityGroup
from rxvigil.genetics.ready import ReadyGene, ready_genes
from rxvigil.genetics.statement import Statement, read_statement
from rxvigil.genetics.written import Written, names_one_allele, read_written

__all__ = [
    "ABSENT",
    "MISSING",
    "OTHER",
    "SAFEST_FIRST",
    "UNKNOWN",
    "ActivityContext",
    "ActivityGroup",
    "ActivityReading",
    "BodyAdvice",
    "Conflict",
    "Diplotype",
    "GeneCall",
    "Groups",
    "Haplotype",
    "Pair",
    "ReadyGene",
    "Resolution",
    "RowAdvice",
    "Setting",
    "SiteCall",
    "SiteNote",
    "Statement",
    "Status",
    "Written",
    "advise",
    "advise_under",
    "call_gene",
    "compare",
    "defining",
    "in_force",
    "names_one_allele",
    "narrowed",
    "phenotype_of",
    "read_activity",
    "read_diplotype",
    "read_statement",
    "read_written",
    "ready_genes",
    "safest",
]
