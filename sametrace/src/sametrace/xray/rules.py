"""X-Ray's sampling API: two requests.

The SDK makes a botocore client for it when the SDK is imported, again for its default address, and again when it is
configured. Each client reads large JSON files, which takes time at the import, and memory in each worker.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
import requests
from botocore.utils import parse_timestamp

from sametrace.core.http import Session

if TYPE_CHECKING:
    from sametrace.xray.signing import Signature

RESPONSE_SECONDS = 3  # of the first response


class RulesClient:
    """Requests the rules for X-Ray's sampler, in the sampler's threads.

    signature: for AWS; the daemon needs none
    """

    def __init__(self, url: str, signature: "Signature | None" = None) -> None:
        self._url = url
        self._signature = signature

    @cached_property
    def _session(self) -> Session:
        if not self._signature:
            return Session(self._url, RESPONSE_SECONDS, proxied=False)
        session = Session(self._url, RESPONSE_SECONDS, self._signature.certificates)
        session.auth = self._signature
        return session

    def get_sampling_rules(self) -> dict[str, Any]:
        return self._post("/GetSamplingRules", {})

    def get_sampling_targets(self, **statistics: Any) -> dict[str, Any]:
        targets = self._post("/SamplingTargets", statistics)
        targets["LastRuleModification"] = parse_timestamp(targets["LastRuleModification"])
        for document in targets["SamplingTargetDocuments"]:
            if document.get("ReservoirQuotaTTL"):
                document["ReservoirQuotaTTL"] = parse_timestamp(document["ReservoirQuotaTTL"])
        return targets

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = requests.Request("POST", self._url + path, json=body)
        try:
            # Not by post(), which the SDK patches: the SDK would make a subsegment for its own request.
            response = self._session.send(self._session.prepare_request(request))
        except requests.RequestException as error:
            # Without its causes, because the SDK logs the traceback, and theirs have fifty lines.
            raise requests.RequestException(f"{path}: {type(error).__name__}: {error}") from None
        if response.status_code != 200:
            raise requests.HTTPError(f"{path}: {response.status_code} {response.text[:200]}")
        content: dict[str, Any] = response.json()
        return content


@contextmanager
def clients_of_daemon() -> Iterator[None]:
    """Make botocore's sessions create RulesClients in this thread.

    botocore.session.get_session() is replaced. Other threads still get botocore's own session.
    """
    stock: Callable[..., Any] = botocore.session.get_session
    here = threading.get_ident()
    of_daemon = SimpleNamespace(create_client=lambda _service, endpoint_url, **_: RulesClient(endpoint_url))

    def get_session(*arguments: Any, **named: Any) -> Any:
        return of_daemon if threading.get_ident() == here else stock(*arguments, **named)

    botocore.session.get_session = get_session
    try:
        yield
    finally:
        botocore.session.get_session = stock
