"""Check the use cases' arguments.

Each check returns the codes that apply, by the contract's names.
"""

import re

from errors import InvalidInput

MAX_HANDLE_CHARS = 64
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def blank(value: object, code: str) -> list[str]:
    """Return `code` unless the value is a string with more than white space in it."""
    return [] if isinstance(value, str) and value.strip() else [code]


def too_long(value: object, max_chars: int, code: str) -> list[str]:
    """Return `code` if the value is a string with too many characters.

    A character is a Unicode code point.
    """
    return [code] if isinstance(value, str) and len(value) > max_chars else []


def message(value: object, max_chars: int) -> list[str]:
    return blank(value, "message_blank") + too_long(value, max_chars, "message_exceed_max_chars")


def handle(value: object, blank_code: str) -> list[str]:
    return blank(value, blank_code) + too_long(value, MAX_HANDLE_CHARS, "handle_too_long")


def is_uuid(value: str) -> bool:
    return UUID.fullmatch(value) is not None


def refuse(*checks: list[str]) -> None:
    """Raise InvalidInput with the codes of all the checks, if there are any."""
    codes = [code for check in checks for code in check]
    if codes:
        raise InvalidInput(codes)
