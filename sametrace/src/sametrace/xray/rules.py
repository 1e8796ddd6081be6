"""The X-Ray daemon's sampling API: two requests that need no signature.

The SDK makes a botocore client for it when the SDK is imported, again for its default address, and again when it is
configured. Each client reads large JSON files, which takes time at the import, and memory in each worker.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
import urllib3
from botocore.utils import parse_timestamp

# As in botocore: there is no proxy between an app and its daemon, and the SDK's pollers retry by themselves.
TIMEOUT = urllib3.Timeout(connect=1, read=3)


class RefusedByDaemon(Exception):
    """The daemon, or AWS through it, responded with an error."""


class DaemonRulesClient:
    """Requests the rules for X-Ray's sampler, in the sampler's threads."""

    def __init__(self, url: str) -> None:
        self._url = url

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
        """Send a request.

        There is one in ten seconds at most, so no connection is kept.
        """
        with urllib3.PoolManager() as connections:
            response = connections.request(
                "POST", self._url + path, json=body, timeout=TIMEOUT, retries=False, redirect=False
            )
        if response.status != 200:
            raise RefusedByDaemon(f"{path}: {response.status} {response.data[:200]!r}")
        content: dict[str, Any] = json.loads(response.data)
        return content


class SessionOfDaemon:
    """Replaces botocore's session, for the SDK's one call of it."""

    def create_client(self, _service: str, *, endpoint_url: str, **_: Any) -> DaemonRulesClient:
        return DaemonRulesClient(endpoint_url)


@contextmanager
def clients_of_daemon() -> Iterator[None]:
    """Make botocore's sessions create DaemonRulesClients in this thread.

    botocore.session.get_session() is replaced. Other threads still get botocore's own session.
    """
    stock: Callable[..., Any] = botocore.session.get_session
    here = threading.get_ident()

    def get_session(*arguments: Any, **named: Any) -> Any:
        return SessionOfDaemon() if threading.get_ident() == here else stock(*arguments, **named)

    botocore.session.get_session = get_session
    try:
        yield
    finally:
        botocore.session.get_session = stock
