"""The documentation as tests read it: its pages, their commands, links and headings."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A Markdown file. `path` is from the project's root."""

    path: str
    text: str

    def blocks(self, language: str) -> list[str]:
        """What stands in its fenced blocks of a language."""
        return [block for of, block in FENCE.findall(self.text) if of == language]

    @property
    def prose(self) -> str:
        """Without its fenced blocks, in which a # is no heading and brackets no link."""
        return FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Where its links and pictures go to, but for those inside `code`."""
        prose = re.sub(r"`[^`\n]*`", "", self.prose)
        return re.findall(r"\]\(([^)\s]+)\)", prose)

    @property
    def anchors(self) -> set[str]:
        """What a link may have after its #, as GitHub makes it of headings."""
        headings = re.findall(r"^#{1,6} (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def read(path: str) -> Page:
    return Page(path, (ROOT / path).read_text(encoding="utf-8"))


def pages() -> list[Page]:
    """All that git has, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    return [read(path) for path in sorted(set(listed)) if (ROOT / path).exists()]
