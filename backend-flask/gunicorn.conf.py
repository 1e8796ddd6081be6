"""How gunicorn serves the API. What the command line says goes first."""

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

bind = "127.0.0.1:4567"
workers = 2
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 15  # longer than the flush in worker_exit
keepalive = 5
# Not a place for people to administer it from, and its default path is one for all of a user's gunicorns.
control_socket_disable = True


def post_worker_init(worker: Worker) -> None:
    # After the fork, because threads don't survive it. Imported in here, because without --preload the app is loaded in
    # the workers only.
    import telemetry  # noqa: PLC0415

    telemetry.start()
    if worker.age == 1:
        for line in telemetry.summary():
            worker.log.info(line)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    import telemetry  # noqa: PLC0415

    telemetry.stop()
