"""Run the API under servers other than gunicorn, each in its own process."""

import sys
from collections.abc import Mapping
from pathlib import Path

from gunicorn_server import GunicornServer

# `python -m flask` that handles ctrl-c. The tests may run as a shell's background job, which ignores it.
FLASK = """
import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from flask.cli import main; main()
"""


class FlaskRun(GunicornServer):
    listening = r"Running on (http://[\w.:]+)"
    first_path = None  # the test sends the first request

    def __init__(self, environ: Mapping[str, str], app: str = "wire_app:create_app()") -> None:
        super().__init__(environ, command=[sys.executable, "-c", FLASK, "--app", app, "run", "--port=0"])


class Waitress(GunicornServer):
    listening = r"Serving on (http://[\w.:]+)"
    first_path = None

    def __init__(self, environ: Mapping[str, str], app: str = "wire_app:create_app") -> None:
        super().__init__(environ, command=[sys.executable, "-m", "waitress", "--listen=127.0.0.1:0", "--call", app])


class UWSGI(GunicornServer):
    """arguments: uWSGI's, such as "--master". `url` has only host and port"""

    listening = r"bound to TCP address (127.0.0.1:\d+)"
    first_path = None

    def __init__(self, environ: Mapping[str, str], *arguments: str, app: str = "wire_app:create_app()") -> None:
        program = str(Path(sys.executable).with_name("uwsgi"))
        # Threads are off by default. SIGTERM would reload it, and --need-app ends it if the app can't be loaded.
        always = ["--http-socket=127.0.0.1:0", f"--virtualenv={sys.prefix}", f"--module={app}"]
        switches = ["--enable-threads", "--die-on-term", "--need-app"]
        super().__init__(environ, command=[program, *always, *switches, *arguments])
