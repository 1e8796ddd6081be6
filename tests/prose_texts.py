"""Find the prose in a file: its comments, and the texts that people see, without names and code."""

import io
import re
import tokenize
from collections.abc import Callable

# Code in a text, such as `asked`.
CODE = re.compile(r"`[^`\n]*`")
HASH_COMMENT = re.compile(r"(?:^|(?<=\s))#+(?!!)(?P<text>.*)$")
SCRIPT_COMMENT = re.compile(r"(?:^|(?<=\s))//(?P<text>.*)$")
# In a Makefile: what its recipes print.
PRINTED = re.compile(r"""(?:echo|printf) (?P<quote>["'])(?P<text>.*?)(?P=quote)""")
# In YAML: the value of a key that people read, if it has a space.
VALUE = re.compile(r"(?:^|[{,\s])(?:description|summary|detail|name|message|title):\s+(?P<text>[^#]* [^#]*)(?: #|$)")
# In HTML: parts that are not shown, except the attributes with shown values.
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
UNSEEN = re.compile(r"<(script|style)\b[^>]*>.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SEEN_ATTRIBUTE = re.compile(r"""\b(?:title|alt|placeholder|aria-label)="([^"]*)\"""")


def of_markdown(text: str) -> str:
    return CODE.sub("", text)


def of_python(text: str) -> str:
    """Return the comments and docstrings, each on its line."""
    lines = [""] * (text.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or (
            token.type == tokenize.STRING and token.string.startswith(('"""', 'r"""'))
        ):
            for number, line in enumerate(token.string.split("\n"), token.start[0]):
                lines[number] += f" {CODE.sub('', line)}"
    return "\n".join(lines[1:])


def of_html(text: str) -> str:
    """Return what a template shows: its text, its comments, and the attributes that browsers show or read out."""
    for hidden in (JINJA, UNSEEN):
        text = hidden.sub(lambda found: "\n" * found[0].count("\n"), text)

    def attributes(tag: re.Match[str]) -> str:
        return f" {' '.join(SEEN_ATTRIBUTE.findall(tag[0]))} " + "\n" * tag[0].count("\n")

    return TAG.sub(attributes, text)


def by_line(*patterns: re.Pattern[str]) -> Callable[[str], str]:
    """Return a function that keeps only what the patterns match in each line."""

    def of(text: str) -> str:
        return "\n".join(
            " ".join(CODE.sub("", found["text"]) for pattern in patterns for found in pattern.finditer(line))
            for line in text.split("\n")
        )

    return of


# By the end of a file's name.
READERS: dict[tuple[str, ...], Callable[[str], str]] = {
    (".md",): of_markdown,
    (".py",): of_python,
    (".html",): of_html,
    (".js",): by_line(SCRIPT_COMMENT),
    ("Makefile",): by_line(HASH_COMMENT, PRINTED),
    (".yml", ".yaml"): by_line(HASH_COMMENT, VALUE),
    ("Dockerfile", ".sh", "run", ".toml", ".in", ".env.example"): by_line(HASH_COMMENT),
}


def prose(path: str, text: str) -> str:
    """Return a file's prose, each part on its line; nothing for an unknown type of file."""
    for endings, read in READERS.items():
        if path.endswith(endings):
            return read(text)
    return ""
