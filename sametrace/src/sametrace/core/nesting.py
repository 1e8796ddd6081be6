"""Limit a walk through a value that a service passes.

Such a value may be deep or large, or may contain itself.
"""

MOST_DEPTH = 50
MOST_PARTS = 50_000
TOO_MUCH = "..."  # replaces a part that is not walked


class Nesting:
    """The position of one walk through a value, and how much it has seen."""

    def __init__(self) -> None:
        self._around: list[int] = []  # ids
        self._parts = 0

    def enter(self, value: object) -> bool:
        """Return whether to walk into it.

        It is False if the walk is already inside it, is too deep, or has entered too many. If True, call leave()
        afterwards.
        """
        if id(value) in self._around or len(self._around) == MOST_DEPTH or self._parts == MOST_PARTS:
            return False
        self._around.append(id(value))
        self._parts += 1
        return True

    def leave(self) -> None:
        self._around.pop()
