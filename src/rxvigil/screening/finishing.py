"""The screen made whole: the parts joined into one file of each kind, counted, and signed with its account."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.durable import replacing, write_durably
from rxvigil.population.store import Store, encode
from rxvigil.screening.account import ACCOUNT, Account, Opened, Publication, RuleTally, Tally
from rxvigil.screening.columns import FILES
from rxvigil.screening.databases import MEMORY
from rxvigil.screening.keeping import read, write_one_after_another
from rxvigil.screening.one_by_one import Setup
from rxvigil.screening.parts import counts_in
from rxvigil.screening.places import jurisdiction_of, store_digest

_ALL: Final = "read_parquet('{}', hive_partitioning = false)"


def finish(
    store: Store, setup: Setup, key: str, explain: int, opened: Opened, parts: list[Path], whole: Path
) -> Account:
    """Write the files of the screen into `whole`, out of its parts, one after another; its account last."""
    for name in FILES:
        with replacing(whole / f"{name}.parquet") as target:
            write_one_after_another(name, (read(name, part / f"{name}.parquet") for part in parts), target)
    patients = sum(counts_in(part)[0] for part in parts)
    with _tables(whole) as con:
        account = Account(
            key=key,
            on=setup.on,
            jurisdiction=jurisdiction_of(setup.wanted),
            protocols=setup.wanted.protocols,
            book=setup.book.digest,
            rules=sum(1 for _ in setup.book.rules()),
            overlay=_overlay(setup.book),
            store=store_digest(store),
            version=version("rxvigil"),
            explain=explain,
            patients=patients,
            taking=_one(con, "SELECT count(DISTINCT person) FROM courses WHERE active > 0"),
            tiers={tier: Tally(*counts) for tier, *counts in con.execute(_TIERS).fetchall()},
            rule_tallies=tuple(RuleTally(*row) for row in con.execute(_RULES).fetchall()),
            singly=dict(con.execute(_SINGLY).fetchall()),
            opened=opened,
            unsaid=_one(con, _UNSAID),
            quiet=patients - _one(con, "SELECT count(DISTINCT person) FROM findings"),
            publications=dict(_publications(con, setup.book)),
            names=dict(_names(con, setup.book.vocabulary)),
        )
    write_durably(whole / ACCOUNT, encode(account))
    return account


_TIERS: Final = "SELECT tier, count(*), count(DISTINCT person) FROM findings GROUP BY tier ORDER BY min(severity), tier"
_RULES: Final = (
    "SELECT rule, tier, count(*), count(DISTINCT person) FROM findings GROUP BY rule, tier "
    "ORDER BY count(DISTINCT person) DESC, rule, tier"
)
_SINGLY: Final = "SELECT reason, count(*) FROM singly GROUP BY reason ORDER BY count(*) DESC, reason"
_UNSAID: Final = (
    "SELECT count(*) FROM (SELECT person FROM findings GROUP BY person HAVING NOT bool_or(tier IN ('STOP', 'ACT')) "
    "AND bool_or(coalesce(tier = 'CANNOT SAY' AND would_be IN ('STOP', 'ACT'), false)))"
)


def _tables(folder: Path) -> Any:
    import duckdb

    con = duckdb.connect(config={"temp_directory": str(folder.with_name("duckdb")), "memory_limit": MEMORY})
    for name in FILES:
        place = str(folder / f"{name}.parquet").replace("'", "''")
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM {_ALL.format(place)}")
    return con


def _one(con: Any, query: str) -> int:
    (value,) = con.execute(query).fetchone()
    return int(value)


def _overlay(book: RuleBook) -> str:
    return f"{book.overlay.site}, by {book.overlay.by}" if book.overlay else ""


def _publications(con: Any, book: RuleBook) -> Iterator[tuple[str, Publication]]:
    for (ref,) in con.execute("SELECT DISTINCT ref FROM findings WHERE ref IS NOT NULL ORDER BY ref").fetchall():
        known = book.publications.get(ref)
        yield ref, Publication(known.title, known.body, known.url or "") if known else Publication(ref, "")


def _names(con: Any, words: Vocabulary) -> Iterator[tuple[str, str]]:
    drugs = con.execute("SELECT DISTINCT drug FROM courses UNION SELECT DISTINCT drug FROM findings").fetchall()
    tests = con.execute("SELECT DISTINCT test FROM clocks UNION SELECT DISTINCT unnest(tests) FROM findings").fetchall()
    for (key,) in sorted(row for row in (*drugs, *tests) if row[0] is not None):
        yield key, " or ".join(_named(one, words) for one in key.split("|"))


def _named(key: str, words: Vocabulary) -> str:
    return f"{words.show(key)} genotype" if words.kind_of(key) == "gene" else words.show(key)
