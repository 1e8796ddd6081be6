"""How far a walk goes into what a service hands over: it may be deep, large, or contain itself, as a tree does whose
nodes know their parents.
"""

MOST_DEPTH = 50
MOST_PARTS = 50_000
TOO_MUCH = "..."  # in place of a part that isn't gone into


class Nesting:
    """Where one walk through a value is, and how much it has seen."""

    def __init__(self) -> None:
        self._around: list[int] = []  # ids
        self._parts = 0

    def enter(self, value: object) -> bool:
        """Whether to go into it: not where that is in it already, or too deep, or the walk has gone into too many. If
        so, leave() has to follow.
        """
        if id(value) in self._around or len(self._around) == MOST_DEPTH or self._parts == MOST_PARTS:
            return False
        self._around.append(id(value))
        self._parts += 1
        return True

    def leave(self) -> None:
        self._around.pop()
