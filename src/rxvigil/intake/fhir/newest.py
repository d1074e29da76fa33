"""The same resource more than once: copies collapse, the newest version counts, and where nothing says which is newer
all of them are read and that is said."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from rxvigil.facts import NotUnderstood, Origin, Result
from rxvigil.intake.fhir.elements import Node, moment_in_time
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import listed

_LATER_STATUS = frozenset(("amended", "corrected", "entered-in-error"))


@dataclass
class Newest:
    """What is left to read, what was passed over and counted, and what has to be said."""

    entries: list[Entry] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    complaints: list[NotUnderstood] = field(default_factory=list)


def newest_versions(entries: Iterable[Entry], deleted: dict[str, Origin]) -> Newest:
    """One entry for each resource."""
    by_place: dict[str, list[Entry]] = {}
    for entry in entries:
        by_place.setdefault(entry.place, []).append(entry)
    newest = Newest()
    for place, versions in by_place.items():
        if place in deleted:
            newest.complaints.append(listed(versions[0], place, "it was deleted, and is left out"))
            newest.passed_over[f"{versions[0].type} (an older version)"] += len(versions) - 1
        elif len(versions) == 1:
            newest.entries.append(versions[0])
        else:
            _settle(versions, newest)
    return newest


def _settle(versions: list[Entry], newest: Newest) -> None:
    for group in _apart(versions):
        different = _different(group)
        newest.passed_over[f"{group[0].type} (a further copy)"] += len(group) - len(different)
        last = _last(different)
        if last is not None:
            newest.entries.append(last)
            newest.passed_over[f"{group[0].type} (an older version)"] += len(different) - 1
        else:
            newest.entries += different
            why = "it stands more than once, not the same, and nothing says which is newest: all are used"
            newest.complaints.append(listed(different[0], different[0].place, why))


def _apart(versions: list[Entry]) -> list[list[Entry]]:
    """Two servers may use one id for two resources: their full addresses tell them apart."""
    servers: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in versions:
        servers[entry.full_url if entry.full_url.startswith("http") else ""].append(entry)
    return list(servers.values())


def _different(versions: list[Entry]) -> list[Entry]:
    different: list[Entry] = []
    for entry in versions:
        if all(entry.resource != other.resource for other in different):
            different.append(entry)
    return different


def _last(versions: list[Entry]) -> Entry | None:
    """The newest by meta.lastUpdated, else by meta.versionId, else the only one whose status comes after others."""
    if len(versions) == 1:
        return versions[0]
    for age in (_updated, _version):
        ages = [age(entry.resource) for entry in versions]
        if None not in ages and ages.count(max(filter(None, ages))) == 1:
            return versions[ages.index(max(filter(None, ages)))]
    later = [entry for entry in versions if _status(entry.resource) in _LATER_STATUS]
    return later[0] if len(later) == 1 else None


def _meta(resource: Node) -> Node:
    meta = resource.get("meta")
    return meta if isinstance(meta, dict) else {}


def _status(resource: Node) -> str:
    stated = resource.get("status")
    return stated if isinstance(stated, str) else ""


def _updated(resource: Node) -> float | None:
    stated = _meta(resource).get("lastUpdated")
    moment = moment_in_time(stated) if isinstance(stated, str) else None
    return moment.timestamp() if moment is not None else None


def _version(resource: Node) -> float | None:
    stated = _meta(resource).get("versionId")
    return float(stated) + 1 if isinstance(stated, str) and stated.isdecimal() and len(stated) < 16 else None


def without_superseded(results: list[Result], corrected: set[str]) -> tuple[list[Result], list[NotUnderstood]]:
    """Of results of one test at one instant, a corrected one supersedes the released, and a released one the
    preliminary. Results known only to the day may be of different samples: all of them stay."""
    if not corrected and not any(result.preliminary for result in results):
        return results, []
    best: dict[tuple[str, datetime | None], tuple[int, str]] = {}
    for result in results:
        key = (result.analyte, result.when.instant)
        best[key] = max(best.get(key, (-1, "")), (_rank(result, corrected), result.id))
    kept, complaints = [], []
    for result in results:
        rank, by = best[(result.analyte, result.when.instant)]
        if result.when.instant is None or _rank(result, corrected) == rank:
            kept.append(result)
        else:
            why = f"superseded by {by}, and left out"
            complaints.append(NotUnderstood(origin=result.origin, what=result.analyte, why=why, when=result.when))
    return kept, complaints


def _rank(result: Result, corrected: set[str]) -> int:
    return 0 if result.preliminary else 2 if result.id in corrected else 1
