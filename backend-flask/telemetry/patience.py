"""How long a vendor's answer is waited for, and what asks for it."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from telemetry import forks

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


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Where there's none, requests looks for a .netrc, each time; what is in it isn't for a vendor."""
    return request


class PatientSession(requests.Session):
    """Of requests to one URL, each with the same options, and one at a time. It waits so many seconds for its first
    answer.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.auth = no_auth
        self.answer: requests.Response | None = None  # to the last request, for an SDK that tells its status alone
        self._seconds = seconds
        self._settings: dict[str, Any] | None = None
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        adapter = PatientAdapter(Patience(self._seconds))
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    def request(self, *arguments: Any, **named: Any) -> requests.Response:
        self.answer = None
        self.answer = super().request(*arguments, **named)
        return self.answer

    def merge_environment_settings(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Which proxy and certificates a request goes by. Mends requests', which reads the whole environment for it,
        twice, each time.
        """
        if self._settings is None:
            self._settings = dict(super().merge_environment_settings(*arguments, **named))
        return self._settings
