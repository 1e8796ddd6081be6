"""The console shows the change of docs/change-a-service.md, made in a copy of the API."""

import subprocess
import sys
from pathlib import Path

import requests

from changed_api import ChangedAPI, apply, copy_to
from console_server import ConsoleServer
from markdown_pages import read

PAGE = read("docs/change-a-service.md")


def test_the_change_is_seen_in_the_console(tmp_path: Path) -> None:
    """The span, the annotation and the field arrive, and the page's search finds them."""
    backend = copy_to(tmp_path)
    apply(PAGE, tmp_path)
    with ConsoleServer(tmp_path / "kept") as console, ChangedAPI(backend, console.environ()) as api:
        trace_id = requests.get(f"{api.url}/api/activities/notifications", timeout=10).headers["X-Request-Id"]

        def whole() -> bool:
            [summary] = [of for of in console.get("/api/requests")["requests"] if of["trace_id"] == trace_id] or [{}]
            return (summary.get("spans"), summary.get("segments"), summary.get("lines")) == (3, 1, 2)

        console.wait_for(whole, why="three spans, a segment and two lines")
        seen = console.get(f"/api/requests/{trace_id}")
        found = console.listed(limit=1, text="expired_count")

    spans = {span["name"]: span for span in seen["spans"]}
    assert spans["count-expired"]["parent_span_id"] == spans["notifications-activities-mock-data"]["span_id"]
    assert spans["count-expired"]["attributes"] == {"app.expired_count": 0}
    [document] = seen["documents"]
    assert document["subsegments"][0]["annotations"] == {"result_length": 1, "expired_count": 0}
    [line] = [line["fields"] for line in seen["lines"] if line["fields"]["event"] == "notifications_activities_listed"]
    assert (line["result_length"], line["expired_count"]) == (1, 0)
    assert found == [trace_id]


def test_the_changed_service_passes_the_lint(tmp_path: Path) -> None:
    """The changed service passes `make lint`, imports included."""
    backend = copy_to(tmp_path)
    apply(PAGE, tmp_path)
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", str(backend / "services")]
        done = subprocess.run(ruff, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout
