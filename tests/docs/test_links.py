"""Links between the documents lead somewhere, generated pages included."""

import re
from pathlib import Path

import pytest

from docs.blocks import ROOT, documents, name_of

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<a href=\"([^\"]+)\"|<img src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMED = re.compile(r"<a id=\"([^\"]+)\"")
PAGES = [*documents(), *sorted((ROOT / "docs" / "reference").rglob("*.md"))]


def anchors(path: Path) -> set[str]:
    """Where a link into a page may point: its headings as GitHub names them, and named places."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(text))
    return {*headings, *NAMED.findall(text)}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for groups in LINK.findall(text):
        target = next(filter(None, groups))
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        where = (path.parent / name).resolve() if name else path
        assert where.exists(), f"{name_of(path)} links to {target}, which is not there"
        if anchor and where.suffix == ".md":
            assert anchor in anchors(where), f"{name_of(path)} links to {target}: no such heading"
