"""The vocabulary: no key, code or name means two things; every class, dimension and part exists."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rxvigil.knowledge.lookup import Vocabulary, normal
from rxvigil.knowledge.vocabulary import Codes


def check_vocabulary(words: Vocabulary) -> Iterator[str]:
    """Everything wrong with the vocabulary, each in a sentence."""
    yield from _same_key(words)
    yield from _shared(((key, entry.codes) for key, entry in words.analytes.items()), "analytes")
    yield from _shared(_drug_codes(words), "drugs")
    yield from _names(((key, (entry.name, *entry.names)) for key, entry in words.analytes.items()), "analytes")
    yield from _names(((key, (entry.name, *entry.names)) for key, entry in words.drugs.items()), "drugs")
    for kind, entries in words.concepts.items():
        yield from _shared(((key, entry.codes) for key, entry in entries.items()), f"{kind}s")
        yield from _names(((key, (entry.name, *entry.names)) for key, entry in entries.items()), f"{kind}s")
        for key, entry in entries.items():
            yield from (
                f"{kind} '{key}': there is no {kind} '{one}' to belong to"
                for one in entry.classes
                if one not in entries
            )
            if entry.specialty and entry.specialty not in words.specialties:
                yield f"{kind} '{key}': the specialty '{entry.specialty}' does not exist"
    yield from _references(words)


def _same_key(words: Vocabulary) -> Iterator[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    kinds: dict[str, Iterable[str]] = {
        "analyte": words.analytes, "drug": words.drugs, "drug class": words.classes, "panel": words.panels,
        **words.concepts,
    }  # fmt: skip
    for kind, keys in kinds.items():
        for key in keys:
            owners[key].append(kind)
    for key, found in owners.items():
        if len(found) > 1:
            yield f"'{key}' is the key of {' and of '.join(found)}: a rule could not tell which is meant"


def _drug_codes(words: Vocabulary) -> Iterator[tuple[str, Codes]]:
    for key, drug in words.drugs.items():
        yield key, drug.codes
        for product in drug.products:
            yield key, product.codes


def _shared(entries: Iterable[tuple[str, Codes]], kind: str) -> Iterator[str]:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, codes in entries:
        for system, values in codes.items():
            for code in values:
                owners[(system, code)].add(key)
    for (name, code), keys in owners.items():
        if len(keys) > 1:
            yield f"{kind}: {name} {code} is given to {' and '.join(sorted(keys))}"


def _names(entries: Iterable[tuple[str, tuple[str, ...]]], kind: str) -> Iterator[str]:
    owners: dict[str, set[str]] = defaultdict(set)
    for key, names in entries:
        for name in names:
            owners[normal(name)].add(key)
    for name, keys in owners.items():
        if len(keys) > 1:
            yield f"{kind}: the name '{name}' is given to {' and '.join(sorted(keys))}"


def _references(words: Vocabulary) -> Iterator[str]:
    for key, analyte in words.analytes.items():
        if analyte.dimension and analyte.dimension not in words.dimensions:
            yield f"analyte '{key}': there is no dimension '{analyte.dimension}'"
        for part in analyte.parts:
            if part not in words.analytes:
                yield f"analyte '{key}': there is no analyte '{part}' to be calculated from"
    for key, drug in words.drugs.items():
        for group in drug.classes:
            if group not in words.classes:
                yield f"drug '{key}': there is no class '{group}'"
        for other in drug.not_to_confuse_with:
            if other not in words.drugs:
                yield f"drug '{key}': the look-alike '{other}' is not a drug of the vocabulary"
