"""The steps of docs/challenges.md and of its links work: the user, and the query by user."""

import shlex
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from sametrace.core.request import Request
from sametrace.core.trace_id import current_request
from werkzeug.test import create_environ

from both_programs import Run
from markdown_pages import read
from mock_data.users import UUIDS
from queries.presets import PRESETS

CHALLENGES, SERVICE = read("docs/challenges.md"), read("docs/change-a-service.md")
API, CONSOLE = "http://localhost:4567", "http://localhost:4318"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with Run(tmp_path_factory.mktemp("kept")) as programs:
        programs.request("/api/activities/home")
        yield programs


def curls(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the address and headers of each curl on a page."""
    found = []
    for line in text.splitlines():
        if line.startswith("curl "):
            words = shlex.split(line)
            headers = [words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H"]
            found.append((words[-1], dict(headers)))
    return found


def rows_of(run: Run, address: str, number: int) -> list[dict[str, Any]]:
    """Return the rows of a query, when there are this many."""
    give_up = time.monotonic() + 20
    while True:
        response = requests.get(address.replace(CONSOLE, run.console_url), timeout=10)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["rows"]
        if len(rows) >= number or time.monotonic() > give_up:
            return rows
        time.sleep(0.1)


def test_the_user_of_the_page(run: Run) -> None:
    """The page's curl is another mock user's, so the query has a row for each of the two."""
    [(home, as_worf), (query, _)] = curls("".join(SERVICE.blocks("sh")[-1:]))
    assert requests.get(home.replace(API, run.url), headers=as_worf, timeout=10).status_code == 200
    rows = rows_of(run, query, 2)
    assert {row["by"]["user.id"] for row in rows} >= {UUIDS["worf"], UUIDS["andrewbrown"]}


def test_identify_as_the_page_has_it() -> None:
    """The page's lines work in a request."""
    request = Request(create_environ("/"))
    token = current_request.set(request)
    [lines] = SERVICE.blocks("python")
    exec(compile(lines, "change-a-service.md", "exec"), {})
    current_request.reset(token)
    assert request.user_id == UUIDS["worf"]


def test_the_latency_by_user(run: Run) -> None:
    """There is a row for each of the three users, in Explore's preset and in the page's script."""
    for handle in UUIDS:
        requests.get(f"{run.url}/api/activities/home", headers={"X-Mock-User": handle}, timeout=10)
    [(query, _)] = curls("".join(CHALLENGES.blocks("sh")))
    rows = rows_of(run, query, 3)
    assert {row["by"]["user.id"] for row in rows} == {*UUIDS.values()}
    assert all(row["show"]["p95(duration_ms)"] > 0 for row in rows)

    preset, requested = PRESETS["Latency by user"], dict(parse_qsl(urlsplit(query).query))
    assert {name: requested[name] for name in ("of", "where", "by", "order")} == {
        name: preset[name] for name in ("of", "where", "by", "order")
    }
    page = requests.get(f"{run.console_url}/explore", preset, timeout=10)
    assert page.status_code == 200
    assert all(uuid in page.text for uuid in UUIDS.values())
