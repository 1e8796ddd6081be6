"""How gunicorn serves the API. What the command line says goes first."""

import os
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.http import wsgi
from gunicorn.http.message import Request
from gunicorn.http.wsgi import Response
from gunicorn.workers.base import Worker

bind = "127.0.0.1:4567"
workers = 2
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 15  # longer than the flush in worker_exit
keepalive = 5
# gunicornc's: nobody administers it from here, and its default path is one for all of a user's gunicorns.
control_socket_disable = True
# For whoever turns gunicorn's own access log on: its default, but for the user name, which may be a token.
access_log_format = '%(h)s - - %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'
# The Server header, for which there is no setting: whoever asks needn't know the software.
wsgi.SERVER = "cruddur"


def on_starting(server: Arbiter) -> None:
    # In the master, so no more than this and what pre_fork does: what it imports, its workers have for good, and no
    # reload reads it anew.
    import early_replacement  # noqa: PLC0415

    early_replacement.install(server)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    import early_replacement  # noqa: PLC0415
    import shared_counts  # noqa: PLC0415

    early_replacement.prepare(worker)
    shared_counts.reserve(worker.age)


def post_fork(server: Arbiter, worker: Worker) -> None:
    import shared_counts  # noqa: PLC0415

    shared_counts.take(worker.age)


def child_exit(server: Arbiter, worker: Worker) -> None:
    # In the master, whatever the worker died of.
    import shared_counts  # noqa: PLC0415

    for lost in shared_counts.release(worker.age):
        server.log.warning("%s", lost)


def pre_request(worker: Worker, req: Request) -> None:
    # gunicorn closes a connection in which it finds 64 KiB that the API didn't read, after an answer that promised to
    # keep it. How long a chunked body is, nobody knows yet.
    headers = dict(req.headers)
    if "TRANSFER-ENCODING" in headers or int(headers.get("CONTENT-LENGTH", 0)) >= 64 * 1024:
        req.force_close()


def post_worker_init(worker: Worker) -> None:
    # After the fork, because threads don't survive it. Imported in here, because without --preload the app is loaded in
    # the workers only.
    import telemetry  # noqa: PLC0415
    from telemetry import log_lines  # noqa: PLC0415

    telemetry.start()
    for log in (worker.log.error_log, worker.log.access_log):
        log.addFilter(log_lines.redact)
    if worker.age == 1:  # once, and not once a worker
        url = str(worker.sockets[0])
        for address in ("127.0.0.1", "0.0.0.0", "[::1]", "[::]"):
            url = url.replace(f"//{address}:", "//localhost:")
        for line in telemetry.summary(url):
            worker.log.info(line)


def post_request(worker: Worker, req: Request, environ: dict[str, Any], resp: Response) -> None:
    if not worker.alive:
        import early_replacement  # noqa: PLC0415

        early_replacement.leave(worker)  # gthread still waits for connections that are kept alive


def worker_abort(worker: Worker) -> None:
    # A request took longer than the timeout. The telemetry of that is still to be sent, and the master would kill the
    # worker as soon as it looks, which early_replacement has it do.
    worker.notify()


def worker_exit(server: Arbiter, worker: Worker) -> None:
    if worker.pid != os.getpid():
        return  # the master, which finds it gone
    import early_replacement  # noqa: PLC0415
    import telemetry  # noqa: PLC0415

    if worker.booted:  # one that couldn't isn't replaced: gunicorn gives up then
        early_replacement.leave(worker)
    telemetry.stop()
