"""Serve a folder's files from their own origin, as a front end is served."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from loopback import LOOPBACK


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the standard library calls it
        """Log nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve it on a free port. The context is the origin."""
    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
