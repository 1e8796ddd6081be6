"""Convert the four vendors' wire protocols to plain records, with pure functions.

Each function receives bytes, and returns records and the vendor's response. A record is a dict of JSON values.
Malformed input raises `Refused`, and nothing else is ever raised. No module here opens a socket or starts a thread:
the telemetry console and the tests serve them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class VendorResponse:
    """The vendor's response over HTTP.

    rejected: how many records of the request it rejects although it accepts the others

    reason: why it rejected the last of them
    """

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    rejected: int = 0
    reason: str = ""


class Refused(Exception):
    """Input that the vendor would refuse.

    Its text is the reason. `response` is what the sender receives.
    """

    def __init__(self, message: str, response: VendorResponse) -> None:
        super().__init__(message)
        self.response = response
