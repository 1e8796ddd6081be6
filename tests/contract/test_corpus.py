"""Every bad input gets the contract's response, and no vendor receives a fault."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from corpus import Case
from corpus_bodies import BODIES
from corpus_headers import HEADERS
from corpus_paths import LOCATIONS
from gunicorn_server import GunicornServer
from raw_http import Connection, VendorResponse
from vendors import Vendors

CORPUS = [*BODIES, *LOCATIONS, *HEADERS]


@dataclass(frozen=True)
class Run:
    vendors: Vendors
    server: GunicornServer
    responses: dict[str, VendorResponse]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Send the whole corpus once to an API of its own, each case on its own connection."""
    responses = {}
    with Vendors() as vendors, GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server:
        for case in CORPUS:
            with Connection(server.url) as connection:
                responses[case.name] = connection.exchange(case.request, ends=case.ends)
        yield Run(vendors, server, responses)


def test_the_corpus_is_large_and_its_cases_have_names() -> None:
    """The corpus has at least 150 refused cases."""
    assert [name for name, number in Counter(case.name for case in CORPUS).items() if number > 1] == []
    assert sum(case.status >= 400 for case in CORPUS) >= 150


@pytest.mark.parametrize("case", CORPUS, ids=[case.name for case in CORPUS])
def test_the_response(run: Run, case: Case) -> None:
    """The response has the expected status and codes, in the contract's form."""
    response = run.responses[case.name]

    assert response.status == case.status, response
    if case.by_gunicorn:
        assert response.headers["Connection"] == "close"
        return
    trace_id = response.headers["X-Request-Id"]
    assert response.headers["Server-Timing"].startswith(f'traceparent;desc="00-{trace_id}-')
    assert int(response.headers.get("Content-Length", 0)) == len(response.body) or case.name.startswith("HEAD")
    if case.status < 400 or case.name.startswith("HEAD"):
        return
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json
    assert problem.keys() == {"type", "title", "status", "detail", "errors", "trace_id"}
    assert (problem["type"], problem["status"]) == ("about:blank", case.status)
    assert problem["errors"] == list(case.codes)
    assert problem["trace_id"] == trace_id
    assert ("Allow" in response.headers) == (case.status == 405)


def test_no_vendor_receives_a_fault(run: Run) -> None:
    """Each request has one access line, at most at WARNING, and no item, fault or higher line."""
    vendors = run.vendors
    level = {
        run.responses[case.name].headers["X-Request-Id"]: "WARNING" if case.status >= 400 else "INFO"
        for case in CORPUS
        if not case.by_gunicorn
    }

    def access_lines() -> list[tuple[str, str]]:
        lines = [line["fields"] for line in vendors.lines if line["fields"]["event"] == "request_served"]
        return [(line["trace_id"], line["level"]) for line in lines]

    vendors.wait_for(
        lambda: len(access_lines()) >= len(level) <= len(vendors.documents), why="a line and a segment each"
    )
    assert sorted(access_lines()) == sorted(level.items())
    assert len(vendors.documents) == len(level)
    assert [document for document in vendors.documents if document.get("fault")] == []
    assert [line for line in vendors.lines if line["fields"]["level"] in {"ERROR", "CRITICAL"}] == []
    assert {line["fields"]["logger"].partition(".")[0] for line in vendors.lines} == {"access", "services"}
    assert vendors.items == []
    log = run.server.log
    assert "Traceback" not in log
    assert log.count("Invalid request from ip=127.0.0.1") == sum(case.by_gunicorn for case in CORPUS)
