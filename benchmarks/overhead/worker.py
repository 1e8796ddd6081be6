"""The measured process, which calls a WSGI app as a server would.

python -m overhead.worker overhead.apps.bare 5 writes its results to file descriptor 5.

It reads commands from stdin, one per line: "serve 250 /api/activities/home 200" ends with the expected status;
"compare" has a number of pairs before the rest; "use stock" or "use ours" is for a part of sametrace's; "finish" sends
the telemetry in the queues. After each command it writes its result as JSON. It runs in other products' environments,
so it imports only the standard library and the app. The driver reads the process's CPU clock from outside.
"""

import importlib
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def environ(path: str) -> dict[str, Any]:
    """Return a browser's request, as gunicorn passes it to the app."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4567",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "gunicorn",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "localhost:4567",
        "HTTP_ORIGIN": "http://localhost:3000",
        "HTTP_ACCEPT": "*/*",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def serve(app: "WSGIApplication", number: int, path: str, expected: str) -> None:
    """Call the app with requests to a path.

    expected: the beginning of the status

    Raises RuntimeError at the first response with another status.
    """
    given = environ(path)
    statuses = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda _: None

    for _ in range(number):
        response: Any = app(given.copy(), start_response)
        body = b"".join(response)
        if hasattr(response, "close"):
            response.close()
        if not statuses.pop().startswith(expected):
            raise RuntimeError(f"{path} responded {body!r}")


def compare(measured: Any, pairs: int, number: int, path: str, expected: str) -> Iterator[tuple[float, float]]:
    """Serve the requests with a part of sametrace's, and with the SDK's own.

    The order is random.

    Yields the microseconds of CPU that a request took with each, over all threads. They are in one process, because two
    processes of the same code differ by more than a small part saves.
    """
    for _ in range(pairs):
        spent = {}
        for stock in random.sample((False, True), 2):
            measured.use(stock=stock)
            began = time.process_time()
            serve(measured.app, number, path, expected)
            spent[stock] = (time.process_time() - began) / number * 1e6
        yield spent[False], spent[True]


def main(app_module: str, results: int) -> None:
    measured = importlib.import_module(app_module)
    with os.fdopen(results, "w") as output:
        print("null", file=output, flush=True)
        for line in sys.stdin:
            result = None
            command, *arguments = line.split()
            if command == "serve":
                number, path, expected = arguments
                serve(measured.app, int(number), path, expected)
            elif command == "compare":
                pairs, number, path, expected = arguments
                result = list(compare(measured, int(pairs), int(number), path, expected))
            elif command == "use":
                measured.use(stock=arguments == ["stock"])
            else:
                measured.finish()
            print(json.dumps(result), file=output, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
