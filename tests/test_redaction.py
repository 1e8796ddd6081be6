"""What redaction takes out of a text, and what it leaves."""

import time

import pytest

from telemetry import redaction


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
    """User names and passwords, query strings and keys are replaced; all else stays as it is."""
    monkeypatch.setattr(redaction, "_keys", ("0123456789key0",))
    assert redaction.text(text) == expected
    assert redaction.inside({"a": [text, 1], text: (None, {"c": text})}) == {
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
    """Scheme, host, port and path of it, whether it is a URL or not."""
    assert redaction.url(url) == expected


@pytest.mark.parametrize(
    "piece", ["a", "/", "?", "a://", "://a:b", "://a:b@", "?a=", "?a", "#", "'", "with url: ", "@"]
)
def test_a_text_of_a_megabyte(piece: str) -> None:
    """Nobody can write one that takes long: a time that grows with the square of its length would be minutes."""
    began = time.monotonic()
    assert len(redaction.text(piece * (1_000_000 // len(piece)))) <= redaction.MAX_CHARS
    assert time.monotonic() - began < 5
