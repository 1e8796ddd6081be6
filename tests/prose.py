"""Check the project's words: `make lint` runs this.

The list is not about style. Each entry is a word that readers stumbled over, with the term to use instead. The check
reads every text file that git tracks: prose, comments, messages, and names.
"""
# ruff: noqa: T201 - its report is what it prints

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from prose_texts import prose

ROOT = Path(__file__).parents[1]
# Each pattern matches a whole word in any case, or a part of a name such as last_answer. Its value is the replacement.
WORDS = {
    "answer(s|ed|ing)?": "response, respond, return",
    "asked": "requested, or what was called",
    "told|tells?|telling": "reported, says, shows",
    "had": "the present tense; has, received, available",
    "whoever": "the noun, or you: 'If you delete ...'",
    "reckon(s|ed|ing)?": "calculate",
    "mend(s|ed|ing)?": "fix, or 'works around' with the fault's name",
    "storms?": "rate limit, burst, repeated exceptions",
    "mishaps?": "failure, error",
    "anew": "again",
    "hardly": "rarely, probably not",
    "outbox": "queue",
    "patience": "timeout, deadline",
    "at hand": "current",
    "(come|comes|came|coming) (of|to nothing)": "result, fail",
    "at second hand": "through ..., with the name of the part",
    "can't be had|be had": "is not available",
    "for good": "permanently",
    "all the same": "anyway, still",
    "say of|says of|said of": "reports about",
    "what becomes? of|what became of": "what happens to",
    "is meant so": "is intended",
    "said|saying": "reported, logged, shown",
    "hears?|heard": "receives, reads",
    "complaints?": "message, error",
    "somebody|anybody|everybody": "the user, another program, or the passive",
    "for want of": "because ... is missing",
    "that there (is not|isn't|are not|aren't)": "missing, unknown",
    "knows? best": "has the most details",
    "without a word": "silently",
    "makes? no sense": "is invalid",
    "lets? (pass|in)": "accept",
    "in vain": "without a result",
    "at the (least|most)": "at least, at most",
    "held to": "checked against",
    "came meanwhile": "arrived since",
    "as (it is|they are) run": "as deployed, as started",
}
# Names may contain these, such as the field `asked` in the console's JSON. Prose may not.
NAMES_MAY_HAVE = {"asked", "told|tells?|telling", "had", "said|saying", "somebody|anybody|everybody"}
SKIPPED = re.compile(
    r"requirements\.txt$|\.(json|svg|png|lock)$|^LICENSE$|^benchmarks/peers/|^tests/(test_)?prose\.py$"
)
# The folders that still have these words. Take a folder out when it has none.
NOT_YET: tuple[str, ...] = ()


def as_pattern(word: str) -> re.Pattern[str]:
    """Match a word in prose and in names, where an underscore or a digit ends it."""
    return re.compile(rf"(?<![A-Za-z])(?:{word})(?![A-Za-z])".replace(" ", r"[\s_#]+"), re.IGNORECASE)


PATTERNS = {word: as_pattern(word) for word in WORDS}


def findings(text: str, prose_only: str | None = None) -> Iterator[tuple[int, str, str]]:
    """Yield line number, word and replacement of each old word in a text.

    prose_only: the same text without names, if it is code
    """
    for word, pattern in PATTERNS.items():
        text_read = text if prose_only is None or word not in NAMES_MAY_HAVE else prose_only
        for found in pattern.finditer(text_read):
            yield text_read.count("\n", 0, found.start()) + 1, found[0], WORDS[word]


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    return [path for path in sorted(set(listed)) if not SKIPPED.search(path) and (ROOT / path).is_file()]


def main(not_yet: tuple[str, ...] = NOT_YET) -> int:
    number = 0
    for path in tracked():
        if path.startswith(not_yet):
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        for line, word, instead in sorted(findings(text, prose(path, text))):
            number += 1
            print(f"{path}:{line}: {word!r}: write {instead}")
    return int(number > 0)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or NOT_YET))
