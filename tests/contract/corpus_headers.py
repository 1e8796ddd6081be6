"""Headers and lines that are wrong, hostile or no HTTP."""

from corpus import ACTIVITY, HOME, MESSAGES, Case, not_http
from raw_http import head, post

GOOD = {"message": "hi", "user_receiver_handle": "worf"}
CLIENT = "Origin: http://localhost:3000"
EVIL = "Origin: http://evil.example"
TRACE = "6b04a7c926a00196eb0b0570f04d4808"

IGNORED = [
    Case(f"{header[:40]}", head("GET", HOME, header), 200)
    for header in [
        "Accept: image/png",
        "Accept: ;q=nonsense",
        "Accept-Encoding: gzip, br, \xff",
        "Accept-Charset: utf-7",
        "Authorization: Basic \xff\xfe",
        "Authorization: Bearer " + "x" * 8000,
        "Cookie: session=\xff; =; ;;",
        "If-Modified-Since: yesterday",
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
        "If-None-Match: *",
        "If-None-Match: \xff",
        'If-Match: "x"',
        "If-Unmodified-Since: 0",
        "Range: bytes=5-2",
        EVIL,
        "Origin: null",
        "Origin: \xff",
        "Origin: " + "http://localhost:3000" * 300,
        "Referer: \xff",
        "User-Agent:",
        "User-Agent: " + "x" * 8000,
        "User-Agent: <script>\xff",
        "X-Forwarded-For: " + "1.2.3.4, " * 800,
        "X-Forwarded-For: \xff",
        "X-Forwarded-Proto: gopher",
        "X-Forwarded-Host: evil.example",
        "X-HTTP-Method-Override: DELETE",
        "X-Request-Id: " + "0" * 32,
        "X-Amzn-Trace-Id: nonsense;;==",
        f"X-Amzn-Trace-Id: Root=1-{TRACE[:8]}-{TRACE[8:]};Sampled=maybe",
        "traceparent: nonsense",
        f"traceparent: 00-{TRACE}-0000000000000000-01",
        "tracestate: " + "a=b," * 1000,
        "baggage: " + "a=b," * 1000,
        "Upgrade: websocket",
        "Expect: 100-continue",
        "Content_Length: 5",
        "X_Forwarded_For: 1.2.3.4",
    ]
]
HOSTS = [
    Case(f"Host {name}", head("GET", HOME, host=host), status)
    for name, host, status in [
        ("of another", "Host: other.example", 200),
        ("with a user", "Host: me:secret@localhost", 200),
        ("of punctuation", 'Host: <">', 200),
        ("that is half an address", "Host: [::1", 200),
        ("with a port beyond all", "Host: localhost:99999", 200),
        ("of Latin-1", "Host: \xe9\xff", 200),
        ("of 3000 letters", f"Host: {'x' * 3000}", 400),
        ("that is empty", "Host:", 200),
        ("missing", "", 200),
    ]
]
CONDITIONS = [
    Case("If-None-Match: * of the document", head("GET", "/api/openapi.json", "If-None-Match: *"), 304),
    Case("If-None-Match of another", head("GET", "/api/openapi.json", 'If-None-Match: "x"'), 200),
    Case("If-Match of another", head("GET", "/api/openapi.json", 'If-Match: "x"'), 412),
    Case("a range of the document", head("GET", "/api/openapi.json", "Range: bytes=0-9"), 200),
    Case("a range of a file", head("GET", "/api/docs/swagger-ui.css", "Range: bytes=0-9"), 206),
    Case("a range that ends before", head("GET", "/api/docs/swagger-ui.css", "Range: bytes=5-2"), 416),
    Case("a range beyond the end", head("GET", "/api/docs/swagger-ui.css", "Range: bytes=999999999-"), 416),
    Case("a range of nonsense", head("GET", "/api/docs/swagger-ui.css", "Range: x=\xff"), 416),
]
PREFLIGHTS = [
    Case("preflight nowhere", head("OPTIONS", "/api/nowhere", "Access-Control-Request-Method: GET"), 200),
    Case("preflight nowhere under no API", head("OPTIONS", "/nowhere", "Access-Control-Request-Method: GET"), 404),
    Case("preflight of another origin", head("OPTIONS", ACTIVITY, EVIL, "Access-Control-Request-Method: GET"), 200),
    Case("preflight for what is no method", head("OPTIONS", ACTIVITY, CLIENT, "Access-Control-Request-Method: X"), 200),
    Case("preflight for no method", head("OPTIONS", ACTIVITY, CLIENT), 200),
    Case(
        "preflight for headers of nonsense",
        head(
            *["OPTIONS", ACTIVITY, CLIENT, "Access-Control-Request-Method: GET"],
            "Access-Control-Request-Headers: ,,\xff,*," + "x," * 3000,
        ),
        200,
    ),
]
VERSIONS = [
    Case("HTTP/1.0", head("GET", HOME, version="HTTP/1.0"), 200),
    Case("HTTP/1.0 that wants to stay", head("GET", HOME, "Connection: keep-alive", version="HTTP/1.0"), 200),
]
GUNICORNS = [
    not_http("HTTP/0.9", head("GET", HOME, version="HTTP/0.9")),
    not_http("HTTP/2.0", head("GET", HOME, version="HTTP/2.0")),
    not_http("HTTP/x", head("GET", HOME, version="HTTP/x")),
    not_http("no version", b"GET /\r\n\r\n"),
    not_http("one word", b"GET\r\n\r\n"),
    not_http("noise", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    not_http("a method in small letters", head("get", HOME)),
    not_http("a method of punctuation", head("G@T", HOME)),
    not_http("a method of 21 letters", head("A" * 21, HOME)),
    not_http("a path without a slash", head("GET", "api/activities/home")),
    not_http("GET *", head("GET", "*")),
    not_http("a path with a byte of Latin-1", head("GET", "/api/activities/@\xe9")),
    not_http("a path with a NUL", head("GET", "/api/\0")),
    not_http("a path with a space", head("GET", "/api/activities/@Andrew Brown")),
    not_http("a URL that is half an address", head("GET", "http://[::1/")),
    not_http("lines that end with LF", b"GET / HTTP/1.1\nHost: localhost\n\n"),
    not_http("a header without a colon", head("GET", HOME, "X-Header")),
    not_http("a header without a name", head("GET", HOME, ": x")),
    not_http("a space before the colon", head("GET", HOME, "X-Header : x")),
    not_http("a header that goes on", head("GET", HOME, "X-Header: x", " y")),
    not_http("a header with a NUL", head("GET", HOME, "X-Header: \0")),
    not_http("two Hosts", head("GET", HOME, "Host: other.example")),
    not_http("two Content-Types", post(MESSAGES, GOOD, "Content-Type: text/plain")),
    not_http("two Content-Lengths", post(MESSAGES, GOOD, "Content-Length: 3")),
    not_http("a negative Content-Length", head("POST", MESSAGES, "Content-Length: -1")),
    not_http("a Content-Length of a word", head("POST", MESSAGES, "Content-Length: ten")),
    not_http("Content-Length and chunks", post(MESSAGES, GOOD, "Transfer-Encoding: chunked")),
    not_http("gzip for Transfer-Encoding", head("POST", MESSAGES, "Transfer-Encoding: gzip")),
    not_http("chunks with HTTP/1.0", head("POST", MESSAGES, "Transfer-Encoding: chunked", version="HTTP/1.0")),
    not_http("an unknown Transfer-Encoding", head("POST", MESSAGES, "Transfer-Encoding: x"), 501),
    not_http("an Expect of nonsense", head("GET", HOME, "Expect: nonsense"), 417),
    not_http("a path of 5000 letters", head("GET", f"/api/activities/@{'x' * 5000}"), 414),
    not_http("a header of 9000 letters", head("GET", HOME, f"X-Header: {'x' * 9000}"), 431),
    not_http("101 headers", head("GET", HOME, *["X-Header: x"] * 101), 431),
]
HEADERS: list[Case] = [*IGNORED, *HOSTS, *CONDITIONS, *PREFLIGHTS, *VERSIONS, *GUNICORNS]
