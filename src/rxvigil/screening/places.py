"""Where the screens of a store lie, and finding one."""

from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from rxvigil.engine import Wanted
from rxvigil.engine.choose import ASSUMED
from rxvigil.errors import UnreadableInput
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.store import JOURNAL, MANIFEST, STAGING, Store
from rxvigil.screening.account import ACCOUNT, Account
from rxvigil.screening.reading import SCREEN_AGAIN, reading

SCREENS: Final = "findings"
"""Folder of the store in which its screens stand."""
AHEAD: Final = "No screen is of today or of a day before: this is the earliest of those made for a day ahead."


def key_of(store: Store, book: RuleBook, wanted: Wanted, on: date, *how: object) -> str:
    """What names a screen: it follows from everything its bytes depend on. `how`: what else decides them."""
    overlay = book.overlay.site if book.overlay else ""
    asked = [store_digest(store), book.digest, overlay, on.isoformat(), wanted.jurisdiction or "", *wanted.protocols]
    return sha256("\n".join([*asked, *map(str, how), version("rxvigil")]).encode()).hexdigest()[:12]


def store_digest(store: Store) -> str:
    """Of the manifest, which names every file that was imported by its hash. Raises `UnreadableInput`."""
    with reading(store.path):
        return sha256((store.path / MANIFEST).read_bytes()).hexdigest()


def is_changing(store: Store) -> bool:
    """Whether an import is being put in place: its files are moved one by one."""
    return (store.path / STAGING / JOURNAL).exists()


def folder_of(store: Store, on: date, key: str) -> Path:
    """The folder of a screen."""
    return store.path / SCREENS / f"{on.isoformat()}-{key}"


def jurisdiction_of(wanted: Wanted) -> str:
    """As people read it."""
    return wanted.jurisdiction or f"{ASSUMED} (assumed)"


def read_account(folder: Path) -> Account:
    """The account of the screen in this folder. Raises `UnreadableInput`."""
    try:
        return msgspec.json.decode((folder / ACCOUNT).read_bytes(), type=Account)
    except OSError:
        raise UnreadableInput("it is no finished screen", str(folder), "make one: rxvigil screen STORE") from None
    except msgspec.DecodeError:
        what = f"its {ACCOUNT} is damaged or of another version"
        raise UnreadableInput(what, str(folder), SCREEN_AGAIN) from None


def screens_of(store: Store) -> list[Path]:
    """Every finished screen, oldest date first; of one date, the last made comes last."""
    found = (store.path / SCREENS).glob("[0-9]*/" + ACCOUNT)
    return [one.parent for one in sorted(found, key=lambda one: (one.parent.name[:10], one.stat().st_mtime_ns))]


def find_screen(store: Store, on: date | None, today: date = date.max) -> Path:
    """The newest screen of this date; without a date, the newest that is not after today, else the earliest of those
    ahead. Raises `UnreadableInput` where there is none."""
    found = [one for one in screens_of(store) if on is None or one.name.startswith(on.isoformat())]
    if not found:
        day = f" on {on.isoformat()}" if on else ""
        do = f"rxvigil screen {store.path}" + (f" --on {on.isoformat()}" if on else "")
        raise UnreadableInput(f"there is no finished screen{day}", str(store.path), do)
    if on is not None:
        return found[-1]
    past = [one for one in found if _day_of(one) <= today]
    return past[-1] if past else [one for one in found if _day_of(one) == _day_of(found[0])][-1]


def _day_of(folder: Path) -> date:
    return date.fromisoformat(folder.name[:10])


def is_current(account: Account, store: Store) -> bool:
    """Whether the store still holds what was screened."""
    return account.store == store_digest(store)
