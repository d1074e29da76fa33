"""The head of a VCF: its samples and what it says of the reference genome."""

import re
from dataclasses import dataclass
from typing import Final

from rxvigil.errors import UnreadableInput, UnsupportedInput
from rxvigil.intake.vcf.assembly import Stated, stated_build
from rxvigil.intake.vcf.lines import Lines

FIXED: Final = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_FIELD: Final = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,>]*)')
_KINDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"BCF", "BCF, the binary form of VCF"),
    (b"BAM\1", "BAM: aligned reads, not called variants"),
    (b"CRAM", "CRAM: aligned reads, not called variants"),
    (b"@HD", "SAM: aligned reads, not called variants"),
    (b"PK\3\4", "a ZIP archive"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"TBI\1", "a tabix index, not the VCF it belongs to"),
    (b"CSI\1", "an index, not the VCF it belongs to"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"%PDF", "PDF"),
)
_REMEDIES: Final = {"BCF": "convert it: bcftools view file.bcf -Oz -o file.vcf.gz", "BAM": "", "CRAM": ""}


@dataclass(frozen=True)
class Header:
    """Samples in the order of their columns, and what is stated of the build."""

    samples: tuple[str, ...]
    stated: Stated


def refuse_other_kinds(first: bytes, name: str) -> None:
    """Raises `UnsupportedInput` where the first bytes, unpacked, are those of another kind of file."""
    if not first.strip():
        raise UnreadableInput("the file is empty", name, "give a VCF file")
    for beginning, kind in _KINDS:
        if first.startswith(beginning):
            remedy = _REMEDIES.get(beginning[:4].decode("latin-1").strip("\1"), "give a VCF file (.vcf or .vcf.gz)")
            raise UnsupportedInput(f"this is {kind}", name, remedy or "call variants first, then give the VCF")
    shown = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if shown[:1] in (b"{", b"["):
        raise UnsupportedInput("this is JSON, not VCF", name, "for a FHIR record use rxvigil assess")
    if b"\0" in first[:512]:
        raise UnsupportedInput("this is a binary file, not VCF", name, "give a VCF file (.vcf or .vcf.gz)")
    if not shown.startswith(b"#"):
        raise UnreadableInput("there is no VCF header", name, "a VCF begins with ##fileformat=VCFv4...")


def read_header(lines: Lines) -> Header:
    """Everything up to the line of column names. Raises where it is missing, or names no sample."""
    contigs, references = [], []
    for line in lines:
        if line.startswith(b"##"):
            text = line.decode("utf-8", "replace").rstrip("\r")
            if text.startswith("##contig="):
                contigs.append({key: value.strip('"') for key, value in _FIELD.findall(text[9:])})
            elif text.startswith(("##reference=", "##assembly=")):
                references.append(text.partition("=")[2])
        elif line.startswith(b"#CHROM"):
            return Header(_samples(line, lines), stated_build(contigs, references))
        elif line.strip(b"\r \xef\xbb\xbf") and not line.startswith(b"\xef\xbb\xbf##"):
            break
    raise lines.wrong("there is no header line that begins with #CHROM", "give the whole VCF file, header included")


def _samples(line: bytes, lines: Lines) -> tuple[str, ...]:
    columns = line.decode("utf-8", "replace").rstrip("\r").split("\t")
    if tuple(columns[:8]) != FIXED or (len(columns) > 8 and columns[8] != "FORMAT"):
        raise lines.wrong(
            "the column names are not those of a VCF", f"they are {', '.join(FIXED)}, FORMAT and samples, with tabs"
        )
    samples = tuple(columns[9:])
    if not samples:
        raise lines.wrong("the file holds no sample: it has variants only", "give a file with genotypes")
    _refuse_doubles(samples, lines)
    return samples


def _refuse_doubles(samples: tuple[str, ...], lines: Lines) -> None:
    """Two samples of one name cannot be told apart. Their name is a patient's and is not shown."""
    seen: dict[str, int] = {}
    for number, name in enumerate(samples, 1):
        if name in seen:
            what = f"sample columns {seen[name]} and {number} have the same name"
            raise lines.wrong(what, "give each sample its own name: bcftools reheader --samples")
        seen[name] = number
