"""What the use cases refuse. A check answers the codes that apply, as the API's contract names them."""

from errors import InvalidInput

MAX_HANDLE_CHARS = 64


def blank(value: object, code: str) -> list[str]:
    """`code`, unless the value is a string with more than white space in it."""
    return [] if isinstance(value, str) and value.strip() else [code]


def message(value: object, max_chars: int) -> list[str]:
    if isinstance(value, str) and len(value) > max_chars:
        return ["message_exceed_max_chars"]
    return blank(value, "message_blank")


def handle(value: object, blank_code: str) -> list[str]:
    if isinstance(value, str) and len(value) > MAX_HANDLE_CHARS:
        return ["handle_too_long"]
    return blank(value, blank_code)


def refuse(*checks: list[str]) -> None:
    """Raise InvalidInput with all the codes of all the checks, if there are any."""
    codes = [code for check in checks for code in check]
    if codes:
        raise InvalidInput(codes)
