"""A request leaves nothing for the garbage collector."""

import json
from pathlib import Path

import pytest

from config import SHIPPED_SAMPLING_RULE
from scripts import run
from vendors import Vendors

# Flask itself leaves a few functions per request, but no object of a class of its own.
SCRIPT = """
import gc
from app import create_app
from werkzeug.test import create_environ, run_wsgi_app
from wire_contexts import register

app = create_app()
register(app)
gc.disable()
for path in {paths}:
    run_wsgi_app(app, create_environ(path), buffered=True)  # makes what later requests share
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    assert run_wsgi_app(app, create_environ(path), buffered=True)[1] == "200 OK"
    gc.collect()
    gc.set_debug(0)
    print("left:", path, *sorted({{type(one).__qualname__ for one in gc.garbage}}))
    gc.garbage.clear()
"""
PATHS = ["/api/activities/home", "/api/wire/streaming-with-context", "/api/wire/copied-to-a-thread"]
OF_FLASK = {"cell", "dict", "function", "list", "set", "tuple"}


@pytest.mark.parametrize("sampled", [True, False], ids=["sampled", "not sampled"])
def test_a_request_is_freed_as_it_ends(sampled: bool, tmp_path: Path) -> None:
    """No object of telemetry is in a reference cycle, so its memory is free at once, and collections stay short."""
    rule = json.loads(SHIPPED_SAMPLING_RULE.read_text(encoding="utf-8"))
    rule["SamplingRule"] |= {"ReservoirSize": 0, "FixedRate": float(sampled)}
    path = tmp_path / "rule.json"
    path.write_text(json.dumps(rule), encoding="utf-8")
    with Vendors() as vendors:
        printed = run(SCRIPT.format(paths=PATHS), vendors, XRAY_SAMPLING_RULE=str(path))
    lines = [line.split()[1:] for line in printed if line.startswith("left:")]

    assert [path for path, *_ in lines] == PATHS
    assert {path: set(left) - OF_FLASK for path, *left in lines} == {path: set() for path in PATHS}
