"""Format durations."""


def duration(nanoseconds: float | None) -> str:
    """Return a duration with three significant digits; "" for None.

    Examples: 812 µs, 4.21 ms, 1.25 s
    """
    if nanoseconds is None:
        return ""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if abs(nanoseconds) >= size:
            return f"{_three_digits(nanoseconds / size)} {unit}"
    return f"{nanoseconds:.0f} ns"


def _three_digits(number: float) -> str:
    return f"{number:.{max(0, 3 - len(str(int(abs(number)))))}f}"
