"""A request leaves nothing for the garbage collector."""

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


def test_a_request_is_freed_as_it_ends() -> None:
    """No object of telemetry is in a reference cycle, so its memory is free at once, and collections stay short."""
    with Vendors() as vendors:
        lines = [line.split()[1:] for line in run(SCRIPT.format(paths=PATHS), vendors) if line.startswith("left:")]

    assert [path for path, *_ in lines] == PATHS
    assert {path: set(left) - OF_FLASK for path, *left in lines} == {path: set() for path in PATHS}
