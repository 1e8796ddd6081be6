"""gunicorn's settings for the console.

One process has the store, the pages, X-Ray's UDP port and the gRPC port.
"""

import fcntl
import logging
import os
import socket
import struct
from typing import TextIO

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

import ports
import store
from daemon import Daemon, udp_socket  # not the module: `daemon` is a setting of gunicorn
from grpc_port import GrpcPort, tcp_socket
from settings import SettingError, Settings

try:
    settings = Settings.from_env()
except SettingError as error:
    raise SystemExit(f"console: {error}") from error
# create a temporary folder once; the worker reads the variable again
os.environ["CONSOLE_FOLDER"] = str(settings.folder)

_host = f"[{settings.host}]" if ":" in settings.host else settings.host
bind = [f"{_host}:{settings.port}", f"{_host}:{settings.xray_port}"]
workers = 1
worker_class = "strays.Worker"  # gthread that also recognises gRPC and TLS
threads = 24  # each visible list uses one: live.MAX_CLIENTS
timeout = 60
graceful_timeout = 5
keepalive = 15
control_socket_disable = True

READ_SECONDS = 5  # seconds; a client that sends nothing for so long during a request loses its thread

# Opened by the master, so that a worker's restart loses no datagram and no connection.
locks: list[TextIO] = []
sockets: dict[str, socket.socket] = {}
serving: list[Daemon | GrpcPort] = []


def on_starting(server: Arbiter) -> None:
    lock = (settings.folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SystemExit(f"console: another console uses {settings.folder}: stop it, or set CONSOLE_FOLDER") from error
    locks.append(lock)
    try:
        store.note_older_files(settings.folder)
        # in the master: a failure in the worker would be reported by gunicorn's traceback
        store.connect(settings.folder).close()
        ports.check(settings)
    except SettingError as error:
        raise SystemExit(f"console: {error}") from error
    sockets["xray"] = udp_socket(settings.host, settings.xray_port)
    sockets["grpc"] = tcp_socket(settings.host, settings.grpc_port)


def when_ready(server: Arbiter) -> None:
    # gunicorn has no such setting for threads. Accepted connections inherit it from the listening socket.
    seconds = struct.pack("ll", READ_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
    server.log.error_log.addFilter(_is_no_stalled_connection)


def _is_no_stalled_connection(record: logging.LogRecord) -> bool:
    """Keep a client that stalls in its headers out of the log.

    READ_SECONDS ends it, which gunicorn takes for a socket failure with a traceback.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def post_worker_init(worker: Worker) -> None:
    app = worker.wsgi
    # The streams never end, and gunicorn waits for them.
    app.extensions["live"].stopping = lambda: not worker.alive
    kept = app.extensions["store"]
    serving.extend([Daemon(sockets["xray"], kept), GrpcPort(sockets["grpc"], kept)])
    for one in serving:
        one.start()
    worker.log.info("Segments on UDP: %s", sockets["xray"].getsockname()[1])
    worker.log.info("OTLP by gRPC: %s", sockets["grpc"].getsockname()[1])
    worker.log.info("Kept in: %s", settings.folder)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    for one in serving:
        one.stop()
    if hasattr(worker, "wsgi"):  # missing if create_app() failed
        worker.wsgi.extensions["store"].close()
