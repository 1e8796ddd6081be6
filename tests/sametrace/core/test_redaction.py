"""Redaction removes secrets from a text, and nothing else."""

import contextlib
import dataclasses
import json
import time
import uuid
from collections import OrderedDict, namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from sametrace.core import redacted_json, redaction

MOST = 1_000_000  # characters; no text is too long


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing to hide: is 1 > 0? yes", "nothing to hide: is 1 > 0? yes"),
        ("at http://localhost:4567/api/activities/@worf.", "at http://localhost:4567/api/activities/@worf."),
        ("http://[::1]:4567/@worf", "http://[::1]:4567/@worf"),
        ("really?no", "really?no"),
        ("https://me:secret@host:80/a/b", "https://REDACTED@host:80/a/b"),
        ("https://secret@host", "https://REDACTED@host"),
        ("postgres://me:se@cret@host/db", "postgres://REDACTED@host/db"),
        ("postgres://me:se/cret@host/db", "postgres://REDACTED@host/db"),
        ("postgres://me:se#cret@host/db", "postgres://REDACTED@host/db"),
        ("postgres://me:se?cret@host/db", "postgres://REDACTED@host/db"),
        ("a://b/,http://me:secret@host/", "a://b/,http://REDACTED@host/"),
        ("http://host/?next=http://me:secret@host/", "http://host/?REDACTED"),
        ("get('http://host/a?token=secret')", "get('http://host/a?REDACTED')"),
        ('{"url": "http://host/a#token=secret", "b": 1}', '{"url": "http://host/a#REDACTED", "b": 1}'),
        ("really http://host/a?", "really http://host/a?"),
        ("GET /a?token=secret&b=c HTTP/1.1", "GET /a?REDACTED HTTP/1.1"),
        (
            "Max retries exceeded with url: /reset?secret (Caused by",
            "Max retries exceeded with url: /reset?REDACTED (Caused by",
        ),
        (
            "Invalid URL 'me:secret@host/a?token=secret': No scheme",
            "Invalid URL 'REDACTED@host/a?REDACTED': No scheme",
        ),
        (
            "No connection adapters were found for 'me:secret@host/a?secret'",
            "No connection adapters were found for 'REDACTED@host/a?REDACTED'",
        ),
        ("the key is 0123456789key0, it says", "the key is REDACTED, it says"),
        ("\ud800 is half a pair", "? is half a pair"),
    ],
)
def test_a_text(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """User names, passwords, query strings and keys are replaced, and all else is unchanged."""
    monkeypatch.setattr(redaction, "_keys", ("0123456789key0",))
    monkeypatch.setattr(redaction, "_keys_in_json", ("0123456789key0",))
    assert redaction.text(text) == expected
    assert json.loads(redacted_json.as_json({"a": text}, MOST)) == {"a": expected}
    assert redacted_json.inside({"a": [text, 1], text: (None, {"c": text})}) == {
        "a": [expected, 1],
        expected: [None, {"c": expected}],
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://me:secret@host:80/a?b=secret#secret", "http://host:80/a"),
        ("http://me:se/cret@host/a", "http://host/a"),
        ("me:secret@host/a?b=secret", "host/a"),
        ("http://[::1", "http://[::1"),
        ("", ""),
    ],
)
def test_a_url(url: str, expected: str) -> None:
    """A URL keeps its scheme, host, port and path, even if it is malformed."""
    assert redaction.url(url) == expected


@pytest.mark.parametrize(
    "piece", ["a", "/", "?", "a://", "://a:b", "://a:b@", "?a=", "?a", "#", "'", "with url: ", "@"]
)
def test_a_text_of_a_megabyte(piece: str) -> None:
    """No text of a megabyte takes much processor time. With quadratic time, it would take minutes."""
    began = time.process_time()
    assert len(redaction.text(piece * (1_000_000 // len(piece)))) <= redaction.MAX_CHARS
    assert time.process_time() - began < 5


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=3),
    st.sampled_from(["http://me:secret@host/a?b=c", "0123456789key\u00e4", "\ud800", object]),
    st.just(datetime(2026, 11, 25, tzinfo=UTC)), st.just(uuid.UUID(int=1)),
    st.just(namedtuple("Pair", "a b")(1, 2)), st.just(OrderedDict(a=1)), st.sampled_from(trace.SpanKind),
    st.just(dataclasses.make_dataclass("D", [])()),
)  # fmt: skip
NAMES = st.one_of(st.text(max_size=3), st.integers(), st.just("\ud800"))
DOCUMENTS = st.dictionaries(
    NAMES, st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2))
)


@given(DOCUMENTS)
def test_whole_documents(document: dict[Any, Any]) -> None:
    """A document without secrets has a fast path, with the same result as json and redaction of each text."""
    with hidden("0123456789key\u00e4"):
        written = redacted_json.as_json(document, MOST)
        assert written.isascii()
        slowly = json.dumps(redacted_json.inside(document), default=redacted_json.as_text)
        assert json.loads(written) == json.loads(slowly)


MARKS = ["://", " /", "Invalid URL '", "adapters were found for \\\\'", "?", "?a=", "#", "@"]
OTHERS = ":/'\"<\\ \n\x1c\u2003aé😀"
TEXTS = st.lists(st.sampled_from(MARKS) | st.text(OTHERS, max_size=2), max_size=8).map("".join)


@settings(max_examples=1_000)
@given(TEXTS, TEXTS, st.booleans())
def test_the_fast_path_misses_no_secret(text: str, other: str, ascii_only: bool) -> None:
    """The fast path is used only if the regular expressions would change nothing."""
    replaced = redaction.QUERY.sub("", redaction.URL.sub(redaction._redacted_url, text))
    if not redaction.may_have_a_url_with_secrets(text):
        assert replaced == text
    if redaction.is_clean(json.dumps([other, text], ensure_ascii=ascii_only)):
        assert replaced == text


def test_a_traceback_uses_the_fast_path() -> None:
    """Code with comments and decorators, and a request's URL, use the fast path."""
    item = {"code": "@app.get('/api')  # the home feed", "url": "http://localhost:4567/api/home", "path": "a /b/c"}
    assert redaction.is_clean(json.dumps(item))


@pytest.mark.parametrize("character", ["\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\x1b", "\n"], ids=ascii)
def test_control_characters_are_escaped(character: str) -> None:
    """Control characters are escaped, with or without a secret beside them."""
    for beside in ("", " http://host/#secret"):
        written = redacted_json.as_json({"a": character + "é", "b": beside}, MOST)
        assert written.isprintable()
        assert json.loads(written)["a"] == character + "é"


def test_a_key_that_is_no_text() -> None:
    """A key with bytes that aren't UTF-8 does not stop the API, and is not shown."""
    with hidden("0123456789\udcffkey"):
        assert "0123456789" not in redacted_json.as_json({"a": "it's 0123456789\udcffkey"}, MOST)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Bearer 0123456789key0", "Bearer REDACTED"),
        ("0123456789key0\n", "REDACTED\n"),
        ("0123456789key0\n0123456789key1", "REDACTED\nREDACTED"),
        ("short", "short"),
        (" ", " "),
        ("", ""),
    ],
)
def test_which_part_of_a_setting_is_a_key(key: str, expected: str) -> None:
    """Each word of a setting is a key, except short ones, which may be ordinary words."""
    with hidden(key):
        assert redaction.text(key) == expected


def test_keys_of_several_vendors_are_hidden() -> None:
    """The keys of several vendors are all hidden."""
    with hidden("0123456789key1"), hidden("0123456789key2", "0123456789key1"):
        assert redaction.text("0123456789key1, 0123456789key2") == "REDACTED, REDACTED"


@contextlib.contextmanager
def hidden(*keys: str) -> Iterator[None]:
    """Hide these keys, and restore the others afterwards."""
    before = redaction._keys, redaction._keys_in_json
    redaction.hide(*keys)
    try:
        yield
    finally:
        redaction._keys, redaction._keys_in_json = before


def test_a_number_that_python_refuses_to_write() -> None:
    """A number that Python refuses to write leaves the rest of its line, segment or item."""
    document = {"a": 10**5_000, "b": [10**5_000, 10**100], 10**5_000: 1}
    assert json.loads(redacted_json.as_json(document, MOST)) == {
        "a": "int without a text",
        "b": ["int without a text", 10**100],
        "int without a text": 1,
    }


def test_a_document_that_is_too_long() -> None:
    """In a long document, the middle of each text is replaced by its length. A short one is unchanged."""
    document = {"a": "b" * 3_000, "c": ["d" * 3_000, 1]}
    assert json.loads(redacted_json.as_json(document, 7_000)) == document
    note = " ... 2500 characters left out ... "
    ends = (500 - len(note)) // 2
    cut = json.loads(redacted_json.as_json(document, 6_000))
    assert cut["a"] == f"{'b' * ends}{note}{'b' * (500 - len(note) - ends)}"
    assert (len(cut["c"][0]), cut["c"][1]) == (500, 1)
