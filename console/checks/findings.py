"""The result of a check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What is wrong with a record, in sentences.

    record_id: the id of the span, segment or item that it is about, "" for more than one
    """

    wrong: str
    why: str  # What makes it so, most likely.
    look_at: str  # The setting or the call.
    record_id: str = ""
