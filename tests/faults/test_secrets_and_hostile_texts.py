"""Callers' secrets are not passed on, and hostile texts break nothing."""

from collections.abc import Callable

import requests

from faulty_vendors import FaultyVendors
from hostile_texts import HOSTILE, PATHS
from secret_places import SECRET_URLS, secrets_of_a_request
from wirings import HOME, Server, Wiring

TIMES = (1, 150_000)  # a text unchanged, and at about a megabyte


def test_secrets(wiring: Wiring, measured: Callable[..., None]) -> None:
    """No vendor receives a secret in a request's headers, query string, body or URLs, or in a local variable."""
    marks: dict[str, str] = {}

    def mark(place: str) -> str:
        return marks.setdefault(place, f"s3cret{len(marks)}mark")

    with FaultyVendors() as vendors:
        with Server(wiring, vendors.environ(), "--workers=1") as server:
            requests.get(server.url + HOME, **secrets_of_a_request("GET", mark), timeout=10)
            requests.post(f"{server.url}/api/wire/raising", **secrets_of_a_request("POST", mark), timeout=10)
            for number, url in enumerate(SECRET_URLS, 1):
                requested = {"url": url.replace("MARK", mark(f"URL {number}"))}
                requests.get(f"{server.url}/api/wire/calling-and-reporting", params=requested, timeout=10)
        everything = repr([vendors.spans, vendors.documents, vendors.lines, vendors.items])
        assert min(len(vendors.spans), len(vendors.documents), len(vendors.lines), len(vendors.items)) > 0
    received = [place for place, secret in marks.items() if secret in everything]

    measured(17, wiring, f"of {len(marks)} secrets received", len(received), at_most=0, case=", ".join(received))


def test_hostile_texts(wiring: Wiring, measured: Callable[..., None]) -> None:
    """Each request with a hostile text in its view or path has a response, and each vendor has its records."""
    texts = [{"text": text, "times": times} for text in HOSTILE.values() for times in TIMES]
    with FaultyVendors() as vendors:
        with Server(wiring, vendors.environ(), "--workers=1") as server:
            responses = [
                *(requests.post(f"{server.url}/api/wire/reporting-all", json=text, timeout=30) for text in texts),
                *(requests.get(server.url + path, timeout=30) for path in PATHS),
            ]
        served = [line for line in vendors.lines if "request_served" in line["message"]]
        spans = [span for span in vendors.spans if span["kind"] == "SERVER"]
    # The view reports two things to Rollbar: a message, and its exception.
    expected = [len(responses)] * 3 + [2 * len(texts)]
    arrived = [len(spans), len(vendors.documents), len(served), len(vendors.items)]
    lost = sum(abs(due - there) for due, there in zip(expected, arrived, strict=True))
    broken = sum(line["fields"] is None or "\n" in line["message"] for line in vendors.lines)

    measured(
        18, wiring, "of the spans, segments, lines and items lost", lost, at_most=0, case=f"{len(responses)} requests"
    )
    measured(18, wiring, "lines that aren't one line of JSON", broken, at_most=0)
