"""How gunicorn serves the console: one process with the store, the pages, X-Ray's UDP port and OTLP's gRPC port."""

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
from daemon import Daemon, udp_socket  # Not the module: `daemon` is a setting of gunicorn's.
from grpc_port import GrpcPort, tcp_socket
from settings import SettingError, Settings

try:
    settings = Settings.from_env()
except SettingError as error:
    raise SystemExit(f"console: {error}") from error
os.environ["CONSOLE_FOLDER"] = str(settings.folder)  # A temporary one is made once, and the worker asks again.

_host = f"[{settings.host}]" if ":" in settings.host else settings.host
bind = [f"{_host}:{settings.port}", f"{_host}:{settings.xray_port}"]
workers = 1
worker_class = "strays.Worker"  # gthread, which also recognises gRPC and TLS.
threads = 24  # A list that is seen takes one: live.MAX_CLIENTS.
timeout = 60
graceful_timeout = 5
keepalive = 15
control_socket_disable = True

READ_SECONDS = 5  # Who sends nothing for so long in the middle of a request is dropped: it holds one of the threads.

# By the master, so that a worker's restart loses no datagram, and no connection.
locks: list[TextIO] = []
sockets: dict[str, socket.socket] = {}
serving: list[Daemon | GrpcPort] = []


def on_starting(server: Arbiter) -> None:
    lock = (settings.folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SystemExit(f"console: another one uses {settings.folder}: stop it, or set CONSOLE_FOLDER") from error
    locks.append(lock)
    try:
        store.note_older_files(settings.folder)
        store.connect(settings.folder).close()  # The worker's own try would end in gunicorn's words.
        ports.check(settings)
    except SettingError as error:
        raise SystemExit(f"console: {error}") from error
    sockets["xray"] = udp_socket(settings.host, settings.xray_port)
    sockets["grpc"] = tcp_socket(settings.host, settings.grpc_port)


def when_ready(server: Arbiter) -> None:
    # gunicorn has no such setting for threads. Connections have it from the socket that they were accepted on.
    seconds = struct.pack("ll", READ_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
    server.log.error_log.addFilter(_is_no_stalled_connection)


def _is_no_stalled_connection(record: logging.LogRecord) -> bool:
    """Keep from the log what READ_SECONDS does to who stops in its headers: gunicorn takes it for a socket's failure,
    and would print its own stack for each.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def post_worker_init(worker: Worker) -> None:
    app = worker.wsgi
    # Its streams never end by themselves, and gunicorn waits for them.
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
    if hasattr(worker, "wsgi"):  # It has none where create_app() failed.
        worker.wsgi.extensions["store"].close()
