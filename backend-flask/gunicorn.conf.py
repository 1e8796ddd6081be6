"""Configure gunicorn for the API.

The command line overrides this file.
"""

from gunicorn.arbiter import Arbiter
from gunicorn.http import wsgi
from gunicorn.http.message import Request
from gunicorn.workers.base import Worker
from sametrace.gunicorn import *  # noqa: F403 - the hooks by which telemetry starts, stops and counts

bind = "127.0.0.1:4567"
workers = 2
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 15  # longer than the flush in sametrace's worker_exit
keepalive = 5
# The socket of gunicornc is not needed, and all of a user's gunicorns share its default path.
control_socket_disable = True
# For gunicorn's own access log, if you turn it on: the default format, without the user name, which may be a token.
access_log_format = '%(h)s - - %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'
# The Server header has no setting. Clients need not know the software.
wsgi.SERVER = "cruddur"


def when_ready(server: Arbiter) -> None:
    url = str(server.LISTENERS[0])
    for address in ("127.0.0.1", "0.0.0.0", "[::1]", "[::]"):
        url = url.replace(f"//{address}:", "//localhost:")
    where = f"see {url}/api/docs" if "://" in url else f"listens at {url}"  # a Unix socket has no URL
    server.log.info("Cruddur's API: %s; `make doctor` tests the four below", where)


def pre_request(worker: Worker, req: Request) -> None:
    # If 64 KiB of a body are unread, gunicorn closes the connection, although the response promised to keep it open. So
    # promise to close it. The length of a chunked body isn't known yet.
    headers = dict(req.headers)
    if "TRANSFER-ENCODING" in headers or int(headers.get("CONTENT-LENGTH", 0)) >= 64 * 1024:
        req.force_close()
