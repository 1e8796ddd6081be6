"""How long a vendor's answer is waited for."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter

LONGEST_SECONDS = 10.0


class Patience:
    """Some seconds at first, and twice as many after each answer that didn't come in that time.

    It mends a fixed timeout, by which a vendor that takes longer gets the same batch again and again, and no other.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def lengthen(self) -> bool:
        """Say whether it could."""
        before, self.seconds = self.seconds, min(2 * self.seconds, LONGEST_SECONDS)
        return self.seconds > before


class PatientAdapter(HTTPAdapter):
    """Waits for a session's answers with patience; a request's own timeout is for the connection, and is a number."""

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        named["timeout"] = (named["timeout"], self._patience.seconds)
        try:
            return super().send(request, *arguments, **named)
        except requests.ReadTimeout:
            self._patience.lengthen()
            raise


def session(seconds: float) -> requests.Session:
    """One that waits so long for its first answer."""
    patient = requests.Session()
    adapter = PatientAdapter(Patience(seconds))
    for scheme in ("https://", "http://"):
        patient.mount(scheme, adapter)
    return patient
