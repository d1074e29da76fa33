"""Opening what people hand us: plain or gzipped, JSON or NDJSON, and clear words for what is none of it."""

import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, cast

import msgspec

from rxvigil.errors import UnreadableInput, UnsupportedInput

LARGEST_DOCUMENT = 100_000_000
"""Bytes of one JSON document, about 1 GB in memory; NDJSON may be of any length."""
LARGEST_STREAM = 50_000_000_000
"""Bytes that a gzipped NDJSON file may unpack to."""
LONGEST_LINE = 20_000_000
"""Bytes of one NDJSON line."""

Kind = Literal["json", "ndjson", "table"]

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_BEGINS_RESOURCE = re.compile(rb'\{\s*"resourceType"\s*:\s*"')
_PLACE = re.compile(r"\(byte (\d+)\)")
_CHUNK = 1 << 20
_DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


def source_of(path: Path | None) -> str:
    """How messages and facts name the input."""
    return path.name if path is not None else "standard input"


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where it is gzipped. Raises `UnreadableInput` for whatever goes wrong in it."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield raw
    except _DAMAGED:
        raise UnreadableInput("the gzip file is damaged or cut short", path.name, "fetch it again") from None
    except OSError as problem:
        raise UnreadableInput(f"it cannot be read: {problem.strerror}", str(path), "check the path") from None


def read_whole(stream: BinaryIO, source: str) -> bytes:
    """All bytes of a document, up to `LARGEST_DOCUMENT`."""
    data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise UnreadableInput(
            f"one JSON document of more than {LARGEST_DOCUMENT // 1_000_000} MB is not read",
            source,
            "export as NDJSON (one resource a line), which may be of any length, or split it by patient",
        )
    return data


def kind_of(head: bytes, whole: bool, source: str) -> Kind:
    """What the first bytes of an input show it to be; `whole` where there are no further ones. Lines of resources are
    known by those after the first, which may be torn. Raises `UnreadableInput` or `UnsupportedInput` for what is
    neither FHIR JSON nor a table."""
    if head.startswith(_WIDE):
        return "table" if not _looks_like_json(head) else _refuse_wide(source)
    text = head.removeprefix(_BOM).lstrip()
    if not text:
        if whole:
            raise UnreadableInput("it is empty", source, "give a FHIR R4 Bundle, NDJSON or table")
        return "table"
    first, _, rest = text.partition(b"\n")
    if text[:1] not in (b"{", b"["):
        _refuse_others(text, source)
        return "ndjson" if _are_resources(rest, whole) else "table"
    if rest.strip() and (_is_object(first) or (not _begins_json(text, whole) and _are_resources(rest, whole))):
        return "ndjson"
    return "json"


def _looks_like_json(head: bytes) -> bool:
    return head[2:].replace(b"\x00", b"").lstrip()[:1] in (b"{", b"[")


def _refuse_wide(source: str) -> Kind:
    raise UnreadableInput("the JSON is in UTF-16", source, "save it as UTF-8, which FHIR requires")


def _refuse_others(text: bytes, source: str) -> None:
    if text.startswith(b"<"):
        raise UnsupportedInput("it is XML", source, "export FHIR as JSON")
    if text.startswith(b"%PDF"):
        raise UnsupportedInput("it is a PDF", source, "export the data itself: FHIR R4 JSON, or a table")
    if text.startswith(b"MSH|"):
        raise UnsupportedInput("it is an HL7 v2 message", source, "export as FHIR R4 JSON, or a table")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except NOT_JSON:
        return False


def _begins_json(text: bytes, whole: bool) -> bool:
    """Whether this is one JSON document, or can be the beginning of one."""
    try:
        msgspec.json.decode(text)
    except NOT_JSON as problem:
        return not whole and "truncated" in str(problem)
    return True


def _are_resources(rest: bytes, whole: bool) -> bool:
    """Whether the lines after the first are FHIR resources, one to a line: most of them, or each as far as it can be
    read. Of one that is longer than what is seen, its beginning decides."""
    lines = [line.strip() for line in rest.split(b"\n")]
    last = b"" if whole else lines.pop()
    lines = [line for line in lines if line]
    if not lines:
        return _BEGINS_RESOURCE.match(last) is not None
    resources = sum(map(_is_resource, lines))
    return 2 * resources > len(lines) or (resources > 0 and all(line.startswith(b"{") for line in lines))


def _is_resource(line: bytes) -> bool:
    try:
        found = msgspec.json.decode(line)
    except NOT_JSON:
        return False
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str)


NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises for what is damaged, not UTF-8, or nested without end."""


def decode(data: bytes, source: str) -> Any:
    """A JSON document. Raises `UnreadableInput` with line and column."""
    text = data.removeprefix(_BOM)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as problem:
        what, where = _explain(str(problem), text)
        raise UnreadableInput(
            f"it is not valid JSON: {what}", f"{source}{where}", "mend it, or export it again"
        ) from None
    except (RecursionError, UnicodeDecodeError) as problem:
        why = "nested too deeply" if isinstance(problem, RecursionError) else "not UTF-8"
        raise UnreadableInput(f"the JSON is {why}", source, "export it again") from None


def _explain(message: str, text: bytes) -> tuple[str, str]:
    """What is wrong, and `:line:column` where the decoder says at which byte."""
    place = _PLACE.search(message)
    what = _PLACE.sub("", message).removeprefix("JSON is malformed:").strip()
    if place is None:
        return (f"it is cut short ({what})" if "truncated" in what else what), ""
    before = text[: int(place.group(1))]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return what, f":{line}:{column}"


@contextmanager
def unpacked_copy(stream: BinaryIO, source: str) -> Iterator[BinaryIO]:
    """A seekable nameless copy of a gzipped stream on disk, gone when closed: NDJSON is read in patients' order."""
    with tempfile.TemporaryFile() as copy:
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > LARGEST_STREAM:
                raise UnreadableInput("it unpacks to more than 50 GB", source, "split it")
            copy.write(chunk)
        copy.seek(0)
        yield cast(BinaryIO, copy)
