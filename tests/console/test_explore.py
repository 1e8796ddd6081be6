"""Overview, Explore and /api/query work on some hundred requests."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from console_requests import requests as many_requests
from console_server import ConsoleServer
from queries.presets import DOCUMENTED, PRESETS
from queries.query import parse_query
from queries.vendor_words import translations
from query_run import iso
from store import Store
from traces import Record

COUNT = 300
END_NS = time.time_ns() // 10**9 * 10**9
START_NS = END_NS - 1800 * 10**9


class Loaded:
    """A console, and its records."""

    def __init__(self, console: ConsoleServer, records: list[Record]) -> None:
        self.console = console
        self.servers = [record for record in records if record.get("kind") == "SERVER"]

    def page(self, path: str, expected: int = 200, /, **given: str) -> str:
        response = requests.get(self.console.url + path, params=given, timeout=10)
        assert response.status_code == expected, response.text
        return response.text

    def query(self, **given: str) -> Any:
        return self.console.get("/api/query", **given)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The requests of half an hour. One user's are slow in the last ten minutes."""
    folder, records = tmp_path_factory.mktemp("console"), []
    store = Store(folder)
    for request in many_requests(COUNT, START_NS, END_NS):
        span = request["honeycomb"][0]
        if span["attributes"]["user.id"] == "user-3" and span["start_ns"] > END_NS - 600 * 10**9:
            span["end_ns"] = span["start_ns"] + 9 * 10**9
            request["xray"][0]["end_time"] = request["xray"][0]["start_time"] + 9
        for vendor, of_vendor in request.items():
            store.add(vendor, of_vendor)
            records += of_vendor
    assert store.flush(30)
    store.close()
    with ConsoleServer(folder) as console:
        yield Loaded(console, records)


def test_a_query_for_scripts(loaded: Loaded) -> None:
    """A row has its group, its figures and a link to its requests. Omitted rows are counted."""
    found = loaded.query(of="spans", where="kind=SERVER", by="user.id", show="count,max", order="max", limit="2")
    slowest = found["rows"][0]
    assert slowest["by"] == {"user.id": "user-3"}
    assert slowest["show"]["max(duration_ms)"] == 9000
    users = {span["attributes"]["user.id"] for span in loaded.servers}
    assert (found["matched"], len(found["rows"]), found["left_out"]) == (COUNT, 2, len(users) - 2)
    listed = requests.get(slowest["link"], timeout=10)
    assert listed.status_code == 200
    of_user = sum(span["attributes"]["user.id"] == "user-3" for span in loaded.servers)
    assert f"{of_user} requests match" in listed.text
    assert requests.get(found["link"], timeout=10).status_code == 200


def test_series_on_request(loaded: Loaded) -> None:
    assert "series" not in loaded.query(by="name")
    found = loaded.query(where="kind=SERVER", show="count,heatmap", series="yes")
    assert sum(found["series"]["count"]) == COUNT
    assert len(found["times"]) == len(found["series"]["count"])
    assert sum(map(sum, found["heatmaps"]["heatmap(duration_ms)"]["counts"])) == COUNT


def test_comparison_with_the_time_before(loaded: Loaded) -> None:
    """The comparison has the same query's figures for the ten minutes before."""
    given = {"from": iso(END_NS - 600 * 10**9), "to": iso(END_NS)}
    found = loaded.query(of="requests", show="count", compare="before", **given)
    starts = [span["start_ns"] for span in loaded.servers]
    assert found["total"]["count"] == sum(END_NS - 600 * 10**9 <= at < END_NS for at in starts)
    assert found["before"]["total"]["count"] == sum(END_NS - 1200 * 10**9 <= at < END_NS - 600 * 10**9 for at in starts)


def test_since_the_last_start(loaded: Loaded) -> None:
    """The run begins with the first span of the newest process, and there is no earlier run."""
    assert loaded.query(minutes="run", of="requests")["matched"] == COUNT
    refused = requests.get(f"{loaded.console.url}/api/query", {"minutes": "run", "compare": "before"}, timeout=10)
    assert refused.status_code == 400
    assert "no earlier run" in refused.json()["detail"]


def test_attributes_and_their_values(loaded: Loaded) -> None:
    """Any received attribute can be completed."""
    assert {"user.id", "http.route", "service.version"} <= set(
        loaded.console.get("/api/attributes", of="spans")["names"]
    )
    assert "annotation.result_length" in loaded.console.get("/api/attributes", of="segments")["names"]
    assert set(loaded.console.get("/api/attributes", of="lines", name="level")["values"]) <= {
        "INFO",
        "WARNING",
        "ERROR",
    }


SENSELESS = [
    {"of": "tables"},
    {"show": "median"},
    {"by": "a,b,c,d"},
    {"where": "duration_ms>long"},
    {"minutes": "soon"},
    {"from": "yesterday"},
    {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
    {"compare": "before"},
    {"status": "abc"},
    {"order": "max"},
]


@pytest.mark.parametrize("given", SENSELESS, ids=str)
def test_an_invalid_query_gets_a_message(loaded: Loaded, given: dict[str, str]) -> None:
    response = requests.get(f"{loaded.console.url}/api/query", given, timeout=10)
    assert response.status_code == 400
    assert len(response.json()["detail"]) > 20
    assert 'role="alert"' in loaded.page("/explore", 400, **given)


@pytest.mark.parametrize("given", [*PRESETS.values(), *DOCUMENTED.values()], ids=[*PRESETS, *DOCUMENTED])
def test_presets(loaded: Loaded, given: dict[str, str]) -> None:
    """Each preset is a query whose page has rows."""
    found = loaded.query(**given)
    assert found["matched"] > 0
    page = loaded.page("/explore", **given)
    assert f"<b>{found['matched']:,}</b>" in page


def test_what_sets_a_selection_apart(loaded: Loaded) -> None:
    """The slow requests of the last ten minutes are one user's."""
    patch = f"{iso(END_NS - 600 * 10**9)},{iso(END_NS)},5000,20000"
    page = loaded.page("/explore", of="spans", where="kind=SERVER", show="heatmap(duration_ms)", patch=patch)
    apart = page[page.index("What sets the selection apart</h2>") :]
    assert apart.index("<caption>user.id</caption>") < apart.index("user-3") < apart.index("100 %")
    assert "user-4" not in apart[: apart.index("Figures")].partition("user-3")[0]
    for wrong in ("1,2,3", "x,y,1,2"):
        assert "is not a selection" in loaded.page("/explore", 400, show="heatmap", patch=wrong)
    assert "shows none" in loaded.page("/explore", 400, show="count", patch=patch)


def test_overview(loaded: Loaded) -> None:
    """The overview counts what was sent, and the address with the list's filters still leads to the list."""
    failed = sum(span["attributes"]["http.response.status_code"] == 500 for span in loaded.servers)
    page = loaded.page("/")
    assert f"<dd>{COUNT}</dd>" in page
    assert f"{failed} (" in page
    assert page.count('<figure class="chart"') == 4
    assert "Error: no such thing</a>" in page[page.index("Newest errors") :]
    old = requests.get(f"{loaded.console.url}/?errors=yes&route=/x", allow_redirects=False, timeout=10)
    assert (old.status_code, old.headers["Location"]) == (302, "/requests?errors=yes&route=/x")
    assert "No requests match" in loaded.page("/", route="/nowhere")


def test_saved_queries(loaded: Loaded) -> None:
    """A query is saved by name, replaces one of the same name, and can be deleted."""
    url = f"{loaded.console.url}/explore/saved"
    for by in ("name", "kind"):
        saved = requests.post(url, {"name": "mine", "address": f"of=spans&by={by}"}, timeout=10)
        assert saved.url.endswith(f"/explore?of=spans&by={by}")
    assert 'href="/explore?of=spans&amp;by=kind">mine</a>' in loaded.page("/explore")
    assert requests.post(url, {"name": " ", "address": "of=spans"}, timeout=10).status_code == 400
    requests.post(url, {"name": "mine", "delete": "yes"}, timeout=10)
    assert ">mine</a>" not in loaded.page("/explore")
    foreign = requests.post(url, {"name": "x", "address": ""}, headers={"Origin": "http://evil.example"}, timeout=10)
    assert foreign.status_code == 403


def words(**given: str) -> dict[str, tuple[str, str]]:
    translated = translations(parse_query(given), 1_000_000_000_000, 4_600_000_000_000)
    return {one.vendor: (one.text, one.note) for one in translated}


def test_in_honeycombs_language() -> None:
    """The query becomes Honeycomb's query specification, or a reason why it can't."""
    text, _ = words(
        where="trace.parent_id!? http.response.status_code>=400 name~mock error=true",
        by="http.route",
        show="heatmap,p95,count,distinct(user.id)",
        order="p95",
    )["Honeycomb"]
    assert json.loads(text) == {
        "calculations": [
            {"op": "HEATMAP", "column": "duration_ms"},
            {"op": "P95", "column": "duration_ms"},
            {"op": "COUNT"},
            {"op": "COUNT_DISTINCT", "column": "user.id"},
        ],
        "filters": [
            {"column": "trace.parent_id", "op": "does-not-exist"},
            {"column": "http.response.status_code", "op": ">=", "value": 400},
            {"column": "name", "op": "contains", "value": "mock"},
            {"column": "error", "op": "=", "value": True},
        ],
        "filter_combination": "AND",
        "breakdowns": ["http.route"],
        "orders": [{"op": "P95", "column": "duration_ms", "order": "descending"}],
        "start_time": 1000,
        "end_time": 4600,
    }
    of_requests = json.loads(words(of="requests", by="route", show="max")["Honeycomb"][0])
    assert of_requests["breakdowns"] == ["http.route"]
    assert {"column": "trace.parent_id", "op": "does-not-exist"} in of_requests["filters"]
    for given, why in [
        ({"of": "lines"}, "has spans"),
        ({"show": "rate"}, "no rates"),
        ({"show": "error_rate"}, "derived column"),
        ({"of": "requests", "by": "status_class"}, "derived column"),
    ]:
        text, note = words(**given)["Honeycomb"]
        assert (text, why in note) == ("", True)


def test_in_logs_insights_language() -> None:
    text, _ = words(of="lines", where="event=request_served", by="route,status", show="count,p95(ms)", order="p95(ms)")[
        "Logs Insights"
    ]
    assert text == (
        'filter event = "request_served"\n'
        "| stats count(*) as count, pct(ms, 95) as p95_ms by route, status\n"
        "| sort p95_ms desc"
    )
    given = {"of": "requests", "where": "status>=500 duration_ms>250", "show": "count"}
    assert words(**given)["Logs Insights"][0].startswith(
        'filter event = "request_served" and status >= 500 and ms > 250'
    )
    for given, why in [
        ({"of": "spans"}, "has lines"),
        ({"of": "lines", "show": "heatmap(ms)"}, "no heatmap"),
        ({"of": "lines", "where": "duration_ms>1"}, "no field"),
    ]:
        text, note = words(**given)["Logs Insights"]
        assert (text, why in note) == ("", True)


def test_in_x_rays_language() -> None:
    text, note = words(
        of="segments", where="annotation.application=cruddur error=true duration_ms>1000 http.request.url~/api"
    )["X-Ray"]
    assert text == (
        'annotation.application = "cruddur" AND fault = true AND responsetime > 1 AND http.url CONTAINS "/api"'
    )
    assert note == ""
    assert "no other groups" in words(of="segments", where="annotation.a?", by="name", show="p95")["X-Ray"][1]
    for given, why in [
        ({"of": "spans"}, "has segments"),
        ({"of": "segments"}, "needs a condition"),
        ({"of": "segments", "where": "metadata.default.now?"}, "annotations"),
    ]:
        text, note = words(**given)["X-Ray"]
        assert (text, why in note) == ("", True)
