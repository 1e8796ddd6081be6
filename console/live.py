"""Send requests to pages as they arrive, by server-sent events: GET /live."""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, abort, current_app, request

from store import Store
from traces import YOUNG_NS, Mark, Summary

MAX_CLIENTS = 12  # each uses one of gunicorn's threads
MAX_EVENTS = 100  # the newest; a page shows no more at once
PAUSE_SECONDS = 0.2  # between two batches of events to one client
LOOK_SECONDS = 0.5  # how long it waits for a change before it checks that the client is still there
ALIVE_SECONDS = 15
SEND_SECONDS = 5  # a client that accepts nothing for so long is dropped

bp = Blueprint("live", __name__)


@bp.get("/live")
def live() -> Response:
    """Stream `trace` and `skipped` events.

    `trace` has Summary's fields. `skipped` has {"count": how many changes have no event}. A client that reconnects
    (Last-Event-ID) receives `skipped` at once, without a count, and should read the list again.
    """
    live: Live = current_app.extensions["live"]
    # Raises here if the store can't be read, for a 503. In events() it would be too late: a browser that has received
    # 200 reconnects.
    current_app.extensions["store"].count()
    client = live.join()
    if client is None:
        abort(503, f"{MAX_CLIENTS} pages receive events already: close one")
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SEND_SECONDS)
        client.has_left = lambda: _is_closed(connection)
    response = Response(live.events(client, came_back="Last-Event-ID" in request.headers), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(lambda: live.leave(client))
    return response


class Client:
    """The events that one page has not received yet."""

    def __init__(self) -> None:
        self.changed: dict[str, float] = {}  # when to report each trace (time.monotonic()), by trace id
        self.skipped = 0
        self.has_left: Callable[[], bool] = lambda: False


def _is_closed(connection: socket.socket) -> bool:
    """Return whether the client has closed the connection.

    The client sends nothing more, so readable means closed. A write would fail too, but only the second one after the
    close, and there may be nothing to write.
    """
    readable = select.poll()  # not select.select(), which accepts no descriptor above 1023
    readable.register(connection, select.POLLIN)
    try:
        return bool(readable.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


class Live:
    """Reports changed traces to the clients.

    A trace with an expected mark is reported again when the mark is due.
    """

    def __init__(self, store: Store) -> None:
        self.stopping: Callable[[], bool] = lambda: False
        self._store = store
        self._clients: set[Client] = set()
        self._changed = threading.Condition()
        store.listen(self.change)

    def join(self) -> Client | None:
        """Return a new client; None if there are too many."""
        with self._changed:
            if len(self._clients) >= MAX_CLIENTS:
                return None
            client = Client()
            self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        with self._changed:
            self._clients.discard(client)

    def change(self, trace_ids: set[str]) -> None:
        now = time.monotonic()
        with self._changed:
            for client in self._clients:
                self._note(client, dict.fromkeys(trace_ids, now))
            self._changed.notify_all()

    def events(self, client: Client, came_back: bool) -> Iterator[str]:
        yield "retry: 1000\n\n"
        if came_back:
            yield "event: skipped\ndata: {}\n\n"
        # The page's expected marks were reported before this client connected.
        self._note_expected(client, self._store.traces(limit=MAX_EVENTS))
        sent_at = time.monotonic()
        while not (self.stopping() or client.has_left()):
            trace_ids, skipped = self._take(client)
            if skipped:
                yield f"event: skipped\ndata: {json.dumps({'count': skipped})}\n\n"
            summaries = self._store.summaries(trace_ids)
            self._note_expected(client, summaries)
            for summary in summaries:
                yield f"id: {summary.trace_id}\nevent: trace\ndata: {json.dumps(summary.as_json())}\n\n"
            if trace_ids or skipped:
                sent_at = time.monotonic()
            elif time.monotonic() - sent_at > ALIVE_SECONDS:
                yield ": alive\n\n"
                sent_at = time.monotonic()

    def _note_expected(self, client: Client, summaries: list[Summary]) -> None:
        due = time.monotonic() + YOUNG_NS / 1e9
        expected = [summary.trace_id for summary in summaries if Mark.EXPECTED in summary.marks.values()]
        with self._changed:
            # A trace that has changed again is reported earlier.
            self._note(client, {trace_id: due for trace_id in expected if trace_id not in client.changed})

    def _note(self, client: Client, changed: dict[str, float]) -> None:
        """Add the traces to the client's events.

        Beyond the limit, the oldest are skipped.
        """
        for trace_id, when in changed.items():
            client.changed.pop(trace_id, None)
            client.changed[trace_id] = when
        while len(client.changed) > 10 * MAX_EVENTS:
            del client.changed[next(iter(client.changed))]
            client.skipped += 1

    def _take(self, client: Client) -> tuple[list[str], int]:
        """Wait up to a second for traces that are due.

        Return the newest of them, at most MAX_EVENTS, and the number of skipped ones.
        """
        time.sleep(PAUSE_SECONDS)
        with self._changed:
            self._changed.wait_for(lambda: self.stopping() or self._due(client), timeout=LOOK_SECONDS)
            due = self._due(client)
            for trace_id in due:
                del client.changed[trace_id]
            skipped = client.skipped + len(due[:-MAX_EVENTS])
            client.skipped = 0
        return due[-MAX_EVENTS:], skipped

    def _due(self, client: Client) -> list[str]:
        now = time.monotonic()
        return [trace_id for trace_id, when in client.changed.items() if when <= now]
