"""A stranger decides neither on the trace id nor on sampling; a trusted caller's id is used."""

from collections.abc import Callable

import requests

from accounts import reported_failures
from claims import CLAIMS, FORGED, ID, NONSENSE
from faulty_vendors import FaultyVendors
from wirings import HOME, Server, Wiring


def test_claims_of_strangers(wiring: Wiring, measured: Callable[..., None]) -> None:
    """A stranger's claim appears in no response and at no vendor, and removes no span and no segment."""
    claims = CLAIMS + NONSENSE
    with FaultyVendors() as vendors:
        responses = send_claims(wiring, vendors, HOME, claims)
        records = [*responses, *vendors.spans, *vendors.documents, *vendors.lines]
    spans = sum(span["kind"] == "SERVER" for span in vendors.spans)
    taken = sum(any(forged in repr(record) for forged in FORGED) for record in records)
    unsampled = abs(len(claims) - spans) + abs(len(claims) - len(vendors.documents))

    case = f"{len(claims)} claims of strangers"
    measured(16, wiring, "responses and records with an untrusted claim", taken, at_most=0, case=case)
    measured(16, wiring, "spans and segments that a stranger's flag took away", unsampled, at_most=0, case=case)


def test_claims_of_trusted_callers(wiring: Wiring, measured: Callable[..., None]) -> None:
    """All four vendors have the request under the trusted caller's id, whatever its flag is."""
    with FaultyVendors() as vendors:
        send_claims(wiring, vendors, "/api/faults/raise", CLAIMS, TRUST_TRACE_HEADERS="yes")
    under_it = [ids.count(ID) for ids in reported_failures(vendors).values()]
    lacking = sum(abs(len(CLAIMS) - number) for number in under_it)

    case = f"{len(CLAIMS)} claims of trusted callers, four vendors"
    measured(16, wiring, "records not under a trusted caller's id", lacking, at_most=0, case=case)


def send_claims(
    wiring: Wiring, vendors: FaultyVendors, path: str, claims: list[dict[str, str]], **environ: str
) -> list[dict[str, str]]:
    """Send the claims, and return the responses' headers when all telemetry has been sent."""
    with (
        Server(wiring, vendors.environ() | environ, "--workers=1") as server,
        requests.Session() as session,
    ):
        return [dict(session.get(server.url + path, headers=claim, timeout=10).headers) for claim in claims]
