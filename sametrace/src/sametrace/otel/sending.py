"""Send spans to an OTLP endpoint, over HTTP."""

import gzip
from collections.abc import Sequence

import requests
from requests.auth import AuthBase

from sametrace.core.delivery import Later, Limits, Refused
from sametrace.core.health import VendorHealth
from sametrace.core.http import Session, is_page, retry_after
from sametrace.core.sender import Sender
from sametrace.otel import responses
from sametrace.otel.destination import Destination
from sametrace.otel.processor import EncodedSpan
from sametrace.otel.protobuf import field

# About 40,000 spans fit; a request has at most half a megabyte before it is compressed.
LIMITS = Limits(queue_bytes=16_000_000, batch_bytes=500_000, batch_items=2_048, seconds=1.0, enough_bytes=150_000)
RESPONSE_SECONDS = 2  # for the first response


def open_session(destination: Destination, auth: AuthBase | None = None) -> Session:
    """Return the session that sends what packed() returns."""
    session = Session(destination.url, RESPONSE_SECONDS, destination.certificate)
    session.cert = destination.client_certificate
    session.auth = auth
    session.headers.update(
        {**destination.headers, "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    )
    return session


class SpanSender(Sender[EncodedSpan]):
    """Sends what the processor encodes.

    If a response is lost or late, the batch is sent again, so the vendor may receive it twice.

    retried: the statuses from 300 to 499 that are retried; the others are permanent refusals
    """

    def __init__(
        self,
        health: VendorHealth,
        destination: Destination,
        auth: AuthBase | None = None,
        retried: frozenset[int] = frozenset({408, 429}),
    ) -> None:
        super().__init__(health, LIMITS, self._post)
        self._retried = retried
        self._session = open_session(destination, auth)

    def _post(self, batch: list[EncodedSpan]) -> None:
        try:
            response = self._session.post_body(packed(batch))
        except requests.RequestException as error:
            raise Later("the endpoint can't be reached, or doesn't respond") from error
        status = response.status_code
        if 200 <= status < 300 and not is_page(response):
            rejected, why = responses.rejected(response, len(batch))
            if rejected:
                raise Refused(f"the endpoint rejected spans: {why}", len(batch) - rejected)
            return
        why = f"the endpoint responded {status}" + (", with a web page" if status < 300 else "")
        if 300 <= status < 500 and status not in self._retried:
            raise Refused(why)
        raise Later(why, retry_after(response), responded=True)


def packed(spans: Sequence[EncodedSpan]) -> bytes:
    """Return an ExportTraceServiceRequest, compressed at level 1.

    A higher level saves 3 % of the bytes, and takes three times as long.
    """
    resources: dict[bytes, dict[bytes, list[bytes]]] = {}
    for resource, scope, span in spans:
        resources.setdefault(resource, {}).setdefault(scope, []).append(field(2, span))
    whole = b"".join(
        field(1, resource + b"".join(field(2, scope + b"".join(spans)) for scope, spans in scopes.items()))
        for resource, scopes in resources.items()
    )
    return gzip.compress(whole, 1)
