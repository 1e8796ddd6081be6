"""Read the documentation's pages, commands, links and headings."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A Markdown file. `path` is relative to the project's root."""

    path: str
    text: str

    def blocks(self, language: str) -> list[str]:
        """Return the contents of its fenced blocks in a language."""
        return [block for of, block in FENCE.findall(self.text) if of == language]

    @property
    def prose(self) -> str:
        """Return its text without fenced blocks, where # is no heading and brackets are no link."""
        return FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Return the targets of its links and pictures, except those inside `code`."""
        prose = re.sub(r"`[^`\n]*`", "", self.prose)
        return re.findall(r"\]\(([^)\s]+)\)", prose)

    @property
    def anchors(self) -> set[str]:
        """Return its anchors, as GitHub makes them from headings."""
        headings = re.findall(r"^#{1,6} (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def read(path: str) -> Page:
    return Page(path, (ROOT / path).read_text(encoding="utf-8"))


def pages() -> list[Page]:
    """Return all pages that git has or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    return [read(path) for path in sorted(set(listed)) if (ROOT / path).exists()]
