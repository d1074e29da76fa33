"""The browser that pages are looked at with: where it is, how it is started, and how wide its windows are."""

from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDTHS = (1280, 768, 375, 320)
