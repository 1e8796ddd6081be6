"""Texts made to break a terminal, a parser or a limit."""

BIDI = "\u202etxt.exe\u2066\u200f"
HOSTILE = {
    "line-feeds": 'a\r\nb\n{"event": "forged"}\u2028c\u2029d\x85e\x0bf\x0cg',
    "NUL": "a\0b",
    "ANSI": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "bidi": BIDI,
    "half-a-pair": "a\ud800b\udfff",
    "quotes": "\"'\\\\u0000",
    "all-escaped": "\x1b\u202e\0",
    "deletes": "\x7f\x08\x08",
}
PATHS = [
    "/api/activities/@a%0D%0Ab%00c%1B[2J%E2%80%AEd%ED%A0%80%FF",
    "/api/activities/a%0D%0Ab%00c%1B[2J%E2%80%AEd%ED%A0%80%FF",
    "/%0D%0Ab%00c%1B[2J%E2%80%AEd%ED%A0%80%FF",
    "/nowhere%00/%0A%7B%22event%22:%22forged%22%7D",
    "/api/activities/search?term=%0D%0Ab%00c%1B[2J%E2%80%AEd%ED%A0%80%FF&%0A=%00",
    "/" + "%0A" * 1_300,
]
