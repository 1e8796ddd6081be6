"""Bodies that are no JSON, have wrong contents, are too long, or never arrive."""

import gzip
import json

from corpus import ACTIVITIES, HOME, MESSAGES, REPLY, Case, body
from raw_http import chunk, chunked, head, post

GOOD = b'{"message": "hi", "user_receiver_handle": "worf"}'

NOT_JSON: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n",
    "half an object": b'{"message": "hi"',
    "half a string": b'{"message": "h',
    "a brace": b"{",
    "a closing brace": b"}",
    "two objects": GOOD + GOOD,
    "an object and a word": GOOD + b" hi",
    "no quotes": b"{message: hi}",
    "single quotes": b"{'message': 'hi'}",
    "a comma at the end": b'{"message": "hi",}',
    "a comment": b'{"message": "hi" /* there */}',
    "a word": b"hi",
    "True": b"True",
    "NaN": b'{"message": NaN}',
    "Infinity": b'{"message": Infinity}',
    "-Infinity in an unknown name": b'{"message": "hi", "user_receiver_handle": "worf", "x": [-Infinity]}',
    "a number with a leading zero": b'{"message": 01}',
    "a number of 5000 digits": b'{"message": ' + b"9" * 5000 + b"}",
    "a newline in a string": b'{"message": "h\ni"}',
    "a NUL in a string": b'{"message": "h\x00i"}',
    "an unknown escape": b'{"message": "\\x41"}',
    "half an escape": b'{"message": "\\u00"}',
    "half a surrogate pair": b'{"message": "\\ud83d", "user_receiver_handle": "worf"}',
    "the other half": b'{"message": "\\ude00", "user_receiver_handle": "worf"}',
    "half a surrogate pair for a name": b'{"message": "hi", "user_receiver_handle": "worf", "\\ud83d": 1}',
    "a surrogate pair in UTF-8": b'{"message": "\xed\xa0\xbd\xed\xb8\x80", "user_receiver_handle": "worf"}',
    "Latin-1": '{"message": "h\u00e9", "user_receiver_handle": "worf"}'.encode("latin-1"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without its mark": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "a byte that UTF-8 never has": b'{"message": "\xff"}',
    "a NUL in two bytes": b'{"message": "\xc0\x80"}',
    "gzip": gzip.compress(GOOD),
    "a form": b"message=hi&user_receiver_handle=worf",
    "XML": b"<message>hi</message>",
    "lists nested too deep": b"[" * 30_000 + b"]" * 30_000,
    "101 levels": b'{"message": ' + b"[" * 101 + b"]" * 101 + b"}",
    "objects nested too deep": b'{"":' * 13_000 + b"1" + b"}" * 13_000,
    "a list that begins too often": b"[" * 65_536,
    "noise": bytes(range(256)) * 16,
}
NOT_AN_OBJECT: dict[str, object] = {
    "a list": [],
    "a list of one": [{"message": "hi"}],
    "a string": "hi",
    "a number": 1,
    "null": None,
    "true": True,
}
NO_TEXT: dict[str, object] = {
    "null": None,
    "a number": 1,
    "a fraction": 1.5,
    "true": True,
    "false": False,
    "a list": [],
    "a list of one": ["hi"],
    "an object": {},
    "an object of one": {"message": "hi"},
    "an empty string": "",
    "a space": " ",
    "white space": "\t\r\n\v\f",
    "white space of other alphabets": "\u00a0\u2003\u3000\u2028",
}
NO_TTL: dict[str, object] = {
    **NO_TEXT,
    "one that isn't among them": "2-days",
    "another case": "1-DAY",
    "a space before": " 1-day",
    "a NUL after": "1-day\0",
    "a list of a right one": ["1-day"],
    "a message's length": "1-day" * 1000,
}

VALUES = [
    body("no names", ACTIVITIES, {}, 422, "message_blank", "ttl_blank"),
    body("other names", ACTIVITIES, {"Message": "hi", "TTL": "1-day"}, 422, "message_blank", "ttl_blank"),
    body("no ttl", ACTIVITIES, {"message": "hi"}, 422, "ttl_blank"),
    body("no message", ACTIVITIES, {"ttl": "1-day"}, 422, "message_blank"),
    body("281 letters", ACTIVITIES, {"message": "x" * 281, "ttl": "1-day"}, 422, "message_exceed_max_chars"),
    body("281 emojis", ACTIVITIES, {"message": "\U0001f600" * 281, "ttl": "1-day"}, 422, "message_exceed_max_chars"),
    body(
        "281 spaces", ACTIVITIES, {"message": " " * 281, "ttl": ""}, 422,
        "message_blank", "message_exceed_max_chars", "ttl_blank",
    ),
    body("a good ttl, then a bad", ACTIVITIES, b'{"message": "hi", "ttl": "1-day", "ttl": 1}', 422, "ttl_blank"),
    body("no names", REPLY, {}, 422, "message_blank"),
    body("1025 letters", REPLY, {"message": "x" * 1025}, 422, "message_exceed_max_chars"),
    body("60,000 letters", REPLY, {"message": "x" * 60_000}, 422, "message_exceed_max_chars"),
    body("no names", MESSAGES, {}, 422, "message_blank", "user_receiver_handle_blank"),
    body("nobody", MESSAGES, {"message": "hi"}, 422, "user_receiver_handle_blank"),
    body(
        "all too long", MESSAGES, {"message": "x" * 1025, "user_receiver_handle": "x" * 65}, 422,
        "message_exceed_max_chars", "handle_too_long",
    ),
    body(
        "a handle of 65 spaces", MESSAGES, {"message": "hi", "user_receiver_handle": " " * 65}, 422,
        "user_receiver_handle_blank", "handle_too_long",
    ),
]  # fmt: skip
STRANGE_BUT_GOOD = [
    body("280 emojis", ACTIVITIES, {"message": "\U0001f600" * 280, "ttl": "1-day"}, 200),
    body("1024 letters, 64 letters", MESSAGES, {"message": "x" * 1024, "user_receiver_handle": "x" * 64}, 200),
    body("a bad ttl, then a good", ACTIVITIES, b'{"message": "hi", "ttl": 1, "ttl": "1-day"}', 200),
    body("a byte order mark", MESSAGES, b"\xef\xbb\xbf" + GOOD, 200),
    body("a NUL", MESSAGES, {"message": "h\0i", "user_receiver_handle": "\0"}, 200),
    body("markup", MESSAGES, {"message": "<script>alert(1)</script>", "user_receiver_handle": "'; --"}, 200),
    body("unknown names", REPLY, {"message": "hi", "__proto__": {"x": 1}, "uuid": None}, 200),
    body("100 levels in an unknown name", REPLY, b'{"message": "hi", "x": ' + b"[" * 100 + b"]" * 100 + b"}", 200),
    body("a number beyond a double", REPLY, b'{"message": "hi", "x": 1e999}', 200),
    body("65,536 bytes", MESSAGES, GOOD + b" " * (65_536 - len(GOOD)), 200),
]
CONTENT_TYPES = [
    Case(f"Content-Type {name}", post(MESSAGES, GOOD, content_type=content_type), status)
    for name, content_type, status in [
        ("missing", None, 415),
        ("empty", "", 415),
        ("text/plain", "text/plain", 415),
        ("of a form", "application/x-www-form-urlencoded", 415),
        ("of a form with files", "multipart/form-data", 415),
        ("of another with json in it", "application/jsonp", 415),
        ("without a type", "json", 415),
        ("of punctuation", ";;;===", 415),
        ("of Latin-1", "\xe9\xff", 415),
        ("of 8000 letters", "x" * 8000, 415),
        ("two in one", "application/json, text/plain", 415),
        ("in capitals", "APPLICATION/JSON", 200),
        ("with a charset that means nothing", "application/json; charset=utf-7", 200),
        ("with a boundary that never ends", 'application/json; boundary="', 200),
        ("of JSON of a kind", "application/vnd.cruddur+json", 200),
    ]
]
LENGTHS = [
    body("65,537 bytes", MESSAGES, GOOD + b" " * (65_537 - len(GOOD)), 413),
    body("a megabyte", MESSAGES, b" " * 1_000_000, 413),
    body("ten megabytes that are a message", ACTIVITIES, {"message": "x" * 10_000_000, "ttl": "1-day"}, 413),
    Case("a megabyte nowhere", post("/api/nowhere", b" " * 1_000_000), 413),
    Case("a megabyte with GET", head("GET", HOME, "Content-Length: 1000000") + b" " * 1_000_000, 413),
    Case("a body with GET", head("GET", HOME, "Content-Length: 3") + b"{]}", 200),
    Case("a body nowhere", post("/api/nowhere", b"{]}"), 404),
    Case("no Content-Length", head("POST", MESSAGES, "Content-Type: application/json"), 400),
    Case("less than its Content-Length", post(MESSAGES, b"")[:-5] + b"99\r\n\r\n" + GOOD, 400, ends=True),
    Case("nothing of its Content-Length", post(MESSAGES, b"")[:-5] + b"99\r\n\r\n", 400, ends=True),
]
CHUNKS = [
    Case(f"chunked: {name}", chunked(MESSAGES, content), status, ends=ends)
    for name, content, status, ends in [
        ("good, in two", chunk(GOOD[:9]) + chunk(GOOD[9:]) + chunk(b""), 200, False),
        ("good, with an extension and a trailer", b"31;a=b\r\n" + GOOD + b"\r\n0\r\nX: y\r\n\r\n", 200, False),
        ("65,536 bytes", chunk(GOOD + b" " * (65_536 - len(GOOD))) + chunk(b""), 200, False),
        ("65,537 bytes", chunk(GOOD + b" " * (65_537 - len(GOOD))) + chunk(b""), 413, False),
        ("a megabyte", chunk(b" " * 1000) * 1000 + chunk(b""), 413, False),
        ("nothing", chunk(b""), 400, False),
        ("not JSON", chunk(b"{") + chunk(b""), 400, False),
        ("a size that is no number", b"hi\r\n" + GOOD, 400, True),
        ("a negative size", b"-1\r\n" + GOOD, 400, True),
        ("no size", b"\r\n" + GOOD, 400, True),
        ("a size of 9000 digits", b"1" * 9000, 400, True),
        ("more than its size", b"5\r\n" + GOOD + b"\r\n0\r\n\r\n", 400, True),
        ("less than its size", b"ff\r\n" + GOOD, 400, True),
        ("no end", chunk(GOOD), 400, True),
        ("a trailer that is none", chunk(GOOD) + b"0\r\nhi\r\n\r\n", 400, True),
        ("too many trailers", chunk(GOOD) + b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n", 400, True),
    ]
]
BODIES: list[Case] = [
    *[body(name, MESSAGES, content, 400) for name, content in NOT_JSON.items()],
    *[body(name, ACTIVITIES, json.dumps(content).encode(), 400) for name, content in NOT_AN_OBJECT.items()],
    *[body(f"message is {name}", REPLY, {"message": value}, 422, "message_blank") for name, value in NO_TEXT.items()],
    *[
        body(f"ttl is {name}", ACTIVITIES, {"message": "hi", "ttl": value}, 422, "ttl_blank")
        for name, value in NO_TTL.items()
    ],
    *[
        body(
            f"both are {name}",
            MESSAGES,
            {"message": value, "user_receiver_handle": value},
            422,
            "message_blank",
            "user_receiver_handle_blank",
        )
        for name, value in NO_TEXT.items()
    ],
    *VALUES,
    *STRANGE_BUT_GOOD,
    *CONTENT_TYPES,
    *LENGTHS,
    *CHUNKS,
]
