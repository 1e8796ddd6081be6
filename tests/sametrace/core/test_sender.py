"""One queue and one thread per vendor send the telemetry."""

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import pytest
from sametrace.core import bounded_queue, group, sender
from sametrace.core.delivery import Later, Limits, Refused
from sametrace.core.health import VendorHealth
from sametrace.core.sender import FIRST_PAUSE, LONGEST_PAUSE, Sender

from forking import exit_status_of_a_child
from waiting import wait_until

ROOM = Limits(queue_bytes=1_000, batch_bytes=1_000, seconds=0.0)


class Endpoint:
    """Accepts batches. Each exception in `failures` is raised for one delivery; None accepts one."""

    def __init__(self, *failures: BaseException | None) -> None:
        self.tried: list[list[str]] = []
        self.taken: list[list[str]] = []
        self._failures = list(failures)

    def __call__(self, batch: list[str]) -> None:
        self.tried.append(batch)
        failure = self._failures.pop(0) if self._failures else None
        if failure:
            raise failure
        self.taken.append(batch)


class Queue:
    """A sender with its health."""

    def __init__(self, deliver: Callable[[list[str]], None], limits: Limits = ROOM, **named: Any) -> None:
        self.health = VendorHealth("Rollbar", on=True, detail="")
        self.sender: Sender[str] = Sender(self.health, limits, deliver, **named)
        self.made: list[str] = []  # the deferred items that were put

    def put(self, *items: str) -> None:
        for item in items:
            self.health.produced()
            self.sender.put(item, len(item))

    def defer(self, *items: str) -> None:
        for item in items:
            self.health.produced()
            self.sender.defer(functools.partial(self._make, item))

    def _make(self, item: str) -> None:
        self.made.append(item)
        self.sender.put(item, len(item))

    def deliver_all(self, *items: str) -> None:
        self.put(*items)
        self.sender.start()
        wait_until(lambda: self.health.waiting == 0, "all to have left")
        self.sender.stop(10)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before retries, which take no time here."""
    seen: list[float] = []

    class Hurried(threading.Condition):
        def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
            if timeout:
                seen.append(timeout)
                timeout = 0
            return super().wait_for(predicate, timeout)

    monkeypatch.setattr(bounded_queue, "threading", SimpleNamespace(Condition=Hurried, RLock=threading.RLock))
    return seen


def test_a_batch_has_no_more_items_than_it_may_have() -> None:
    """A batch has at most its limit of items, and all are delivered in order."""
    endpoint = Endpoint()
    Queue(endpoint, Limits(1_000, 1_000, batch_items=2, seconds=0.0)).deliver_all("a", "b", "c", "d", "e")

    assert endpoint.taken == [["a", "b"], ["c", "d"], ["e"]]


def test_a_batch_has_no_more_bytes_than_it_may_have() -> None:
    """A batch has at most its limit of bytes. A longer item is a batch alone."""
    endpoint = Endpoint()
    Queue(endpoint, Limits(1_000, 10, seconds=0.0)).deliver_all(*(size * "x" for size in (1, 5, 4, 1, 11, 3, 5)))

    assert [[len(item) for item in batch] for batch in endpoint.taken] == [[1, 5, 4], [1], [11], [3, 5]]


def test_a_batch_ends_before_an_item_that_may_not_be_in_it() -> None:
    """A batch ends before an item that does not fit its first one."""
    endpoint = Endpoint()
    Queue(endpoint, together=lambda first, item: first[0] == item[0]).deliver_all("a1", "a2", "b1", "a3")

    assert endpoint.taken == [["a1", "a2"], ["b1"], ["a3"]]


def test_items_are_gathered_until_there_is_a_batch() -> None:
    """Items are gathered until the limit of bytes or items, not by time, which is a day here."""
    for limits in (Limits(1_000, batch_bytes=3, seconds=86_400), Limits(1_000, 1_000, batch_items=3, seconds=86_400)):
        endpoint = Endpoint()
        queue = Queue(endpoint, limits)
        queue.deliver_all("a", "b", "c")

        assert endpoint.taken == [["a", "b", "c"]]


def test_a_larger_batch_waits_for_a_slow_vendor() -> None:
    """A batch is sent when it is large enough. While the vendor is slow, larger ones come together."""
    let_go = threading.Event()
    taken: list[list[str]] = []

    def deliver(batch: list[str]) -> None:
        taken.append(batch)
        let_go.wait(10)

    queue = Queue(deliver, Limits(1_000, batch_bytes=4, seconds=86_400, enough_bytes=2))
    queue.sender.start()
    queue.put("a", "b")
    wait_until(lambda: taken, "the first batch")
    queue.put("c", "d", "e", "f", "g")
    let_go.set()
    queue.sender.stop(10)

    assert taken == [["a", "b"], ["c", "d", "e", "f"], ["g"]]


def test_items_for_a_full_queue_are_dropped() -> None:
    """The newest items are dropped from a full queue, and counted. Delivered and refused items make room."""
    let_go = threading.Event()
    delivered: list[str] = []

    def deliver(batch: list[str]) -> None:
        if batch == ["refused"]:
            raise Refused("permanently")
        if batch != ["first"]:
            let_go.wait(10)
        delivered.extend(batch)

    queue = Queue(deliver, Limits(queue_bytes=10, batch_bytes=1, seconds=0.0))
    queue.sender.start()
    for item in ("first", "refused"):
        queue.put(item)
        wait_until(lambda: queue.health.waiting == 0, "it to have left")
    queue.put("56789", "01234", "too much")
    let_go.set()
    queue.sender.stop(10)

    assert delivered == ["first", "56789", "01234"]
    assert queue.health.lost() == {"dropped": 1, "failed": 1, "unsent": 0}


def test_an_item_that_is_longer_than_the_queue_waits_alone() -> None:
    """An item longer than the queue is delivered if it is alone."""
    endpoint = Endpoint()
    queue = Queue(endpoint, Limits(queue_bytes=10, batch_bytes=10, seconds=0.0))
    queue.deliver_all("eleven bytes", "b")

    assert endpoint.taken == [["eleven bytes"]]
    assert queue.health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}


def test_more_goes_through_the_queue_than_may_wait() -> None:
    """Any number of items passes through the queue over time."""
    endpoint = Endpoint()
    queue = Queue(endpoint, Limits(queue_bytes=10, batch_bytes=10, seconds=0.0))
    queue.sender.start()
    for number in range(20):
        queue.put(f"item{number:02}")
        wait_until(lambda: queue.health.waiting == 0, "it to have left")
    queue.sender.stop(10)

    assert len(endpoint.taken) == 20
    assert queue.health.lost() == {}


@pytest.mark.parametrize("failure", [Later("busy"), ConnectionError("away"), AssertionError("a bug")], ids=repr)
def test_a_failed_batch_is_retried(failure: Exception, pauses: list[float]) -> None:
    """A failed batch is retried until it is delivered, whatever was raised. Health shows the error."""
    endpoint = Endpoint(failure, failure)
    queue = Queue(endpoint)
    queue.deliver_all("a", "b")

    assert endpoint.tried == [["a", "b"]] * 3
    assert queue.health.lost() == {}
    assert str(failure) in str(queue.health.report()["last_error"])


def test_the_pauses_grow_while_a_vendor_is_away(pauses: list[float]) -> None:
    """The pauses grow up to a limit, and start again after a delivery."""
    away = ConnectionError("away")
    endpoint = Endpoint(*[away] * 6, None, away)
    queue = Queue(endpoint, Limits(1_000, batch_bytes=1, seconds=0.0))
    queue.deliver_all("a", "b")

    assert pauses == [FIRST_PAUSE, 0.4, 0.8, 1.6, LONGEST_PAUSE, LONGEST_PAUSE, FIRST_PAUSE]


def test_retry_after_sets_the_pause(pauses: list[float]) -> None:
    """Retry-After sets the pause, unless the current pause is longer."""
    queue = Queue(Endpoint(Later("busy", seconds=7.0), Later("busy", seconds=0.1)))
    queue.deliver_all("a")

    assert pauses == [7.0, 2 * FIRST_PAUSE]


def test_the_part_of_a_batch_that_was_taken_is_not_sent_again(pauses: list[float]) -> None:
    """The delivered part of a batch is not sent again, and the pauses start again."""
    endpoint = Endpoint(Later("busy"), Later("busy", sent=2), Later("busy", sent=0))
    queue = Queue(endpoint)
    queue.deliver_all("a", "b", "c")

    assert endpoint.tried == [["a", "b", "c"], ["a", "b", "c"], ["c"], ["c"]]
    assert pauses == [FIRST_PAUSE, FIRST_PAUSE, 2 * FIRST_PAUSE]
    assert queue.health.lost() == {}


def test_a_permanent_refusal_is_not_retried() -> None:
    """A permanently refused batch is counted as failed, and the next is sent."""
    endpoint = Endpoint(Refused("too old"))
    queue = Queue(endpoint, Limits(1_000, 2, seconds=0.0))
    queue.deliver_all("a", "b", "c")

    assert endpoint.tried == [["a", "b"], ["c"]]
    assert queue.health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}
    assert queue.health.report()["last_error"] == "too old"


def test_a_part_of_a_batch_may_be_refused() -> None:
    """If a part of a batch is refused, the other items count as sent, and none is sent again."""
    endpoint = Endpoint(Refused("too old", sent=1))
    queue = Queue(endpoint)
    queue.deliver_all("a", "b", "c")

    assert endpoint.tried == [["a", "b", "c"]]
    assert queue.health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}


def test_a_stop_delivers_the_queue() -> None:
    """A stop delivers the queue batch by batch, without waiting for more items."""
    endpoint = Endpoint()
    queue = Queue(endpoint, Limits(1_000, 1_000, batch_items=2, seconds=86_400))
    queue.sender.start()
    queue.put("a", "b", "c")
    queue.sender.stop(10)

    assert endpoint.taken == [["a", "b"], ["c"]]
    assert queue.health.lost() == {}


def test_a_stop_cuts_a_pause_short() -> None:
    """A stop ends a pause, even the vendor's, and tries the queue once more."""
    failed = threading.Event()
    endpoint = Endpoint(Later("busy", seconds=86_400))

    def deliver(batch: list[str]) -> None:
        try:
            endpoint(batch)
        finally:
            failed.set()

    queue = Queue(deliver)
    queue.sender.start()
    queue.put("a")
    assert failed.wait(10)
    queue.sender.stop(10)

    assert endpoint.taken == [["a"]]
    assert queue.health.lost() == {}


def test_items_left_at_the_deadline_are_dropped() -> None:
    """What is left at the deadline is dropped, and counted once."""
    queue = Queue(Endpoint(*[Later("busy")] * 1_000))
    queue.put("a", "b")
    queue.sender.start()
    queue.sender.stop(0.0)
    thread_is_done(queue)

    assert queue.health.lost() == {"dropped": 2, "failed": 0, "unsent": 0}
    assert queue.health.report()["last_error"] == "the time to stop was up"


def test_a_batch_in_delivery_at_the_deadline() -> None:
    """A batch in delivery at the deadline counts as neither until its result is known.

    The queue behind it is dropped.
    """
    on_its_way, let_go = threading.Event(), threading.Event()

    def deliver(_: list[str]) -> None:
        on_its_way.set()
        let_go.wait(10)

    queue = Queue(deliver, Limits(1_000, batch_bytes=1, seconds=0.0))
    queue.put("a", "b")
    queue.sender.start()
    assert on_its_way.wait(10)
    queue.sender.stop(0.0)
    assert queue.health.lost() == {"dropped": 1, "failed": 0, "unsent": 1}

    let_go.set()
    thread_is_done(queue)
    assert queue.health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}


def thread_is_done(queue: Queue) -> None:
    thread = queue.sender._thread
    assert thread
    thread.join(10)
    assert not thread.is_alive()


def test_items_after_the_stop_are_dropped() -> None:
    """Items after the stop are counted as dropped: the log handlers stay, and a request may end late."""
    endpoint = Endpoint()
    queue = Queue(endpoint)
    queue.sender.start()
    queue.sender.stop(10)
    queue.put("late")

    assert endpoint.tried == []
    assert queue.health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}
    assert queue.health.report()["last_error"] == "it was made after the stop"


def test_a_stop_without_a_start() -> None:
    """A stop without a start drops and counts the queue, and what is deferred."""
    queue = Queue(Endpoint())
    queue.put("a")
    queue.defer("b", "c")
    queue.sender.stop(10)

    assert queue.health.lost() == {"dropped": 3, "failed": 0, "unsent": 0}


def test_deferred_items_are_put_together() -> None:
    """Deferred items are put by the call that completes the group, in order, and between others."""
    endpoint = Endpoint()
    queue = Queue(endpoint, Limits(1_000, 1_000, seconds=86_400))
    names = [f"item {number}" for number in range(group.SIZE)]
    queue.defer(*names[:-1])
    assert queue.made == []

    queue.put("before")
    queue.defer(names[-1])
    assert queue.made == names

    queue.put("after")
    queue.sender.start()
    queue.sender.stop(10)
    assert endpoint.taken == [["before", *names, "after"]]


def test_a_deferred_item_does_not_wait_for_a_group() -> None:
    """A deferred item is sent after the gathering time, though no other one follows."""
    endpoint = Endpoint()
    queue = Queue(endpoint)
    queue.sender.start()
    queue.defer("alone")
    wait_until(lambda: queue.health.waiting == 0, "it to be sent")
    queue.sender.stop(10)

    assert endpoint.taken == [["alone"]]


def test_a_deferred_item_that_cannot_be_made() -> None:
    """If no deferred item can be made, the sender goes on with the next ones."""
    endpoint = Endpoint()
    queue = Queue(endpoint)
    queue.sender.start()
    queue.health.produced()
    queue.sender.defer(lambda: queue.health.failed(1, "it can't be encoded"))
    wait_until(lambda: queue.health.waiting == 0, "the first one to have failed")
    queue.defer("next")
    wait_until(lambda: queue.health.waiting == 0, "the next one to be sent")
    queue.sender.stop(10)

    assert endpoint.taken == [["next"]]


def test_a_stop_delivers_deferred_items() -> None:
    """A stop delivers what is deferred. What is deferred after the stop is dropped, and counted."""
    endpoint = Endpoint()
    queue = Queue(endpoint, Limits(1_000, 1_000, seconds=86_400))
    queue.sender.start()
    queue.defer("a", "b")
    queue.sender.stop(10)
    assert (endpoint.taken, queue.health.lost()) == ([["a", "b"]], {})

    queue.defer("c")
    assert queue.health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}


def test_no_deferred_item_is_lost_between_threads() -> None:
    """Each item is put once, though several threads defer, and complete groups, at the same time."""
    queue = Queue(Endpoint(), Limits(1_000_000, 1_000_000, seconds=0.0))
    queue.sender.start()
    threads = [
        threading.Thread(target=queue.defer, args=[f"{thread} {number}" for number in range(500)])
        for thread in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.sender.stop(10)

    assert len(queue.made) == len(set(queue.made)) == 2_000
    assert queue.health.lost() == {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_health_shows_a_thread_that_died() -> None:
    """Health reports a thread that died. Otherwise its vendor would look idle."""

    def fail(first: str, item: str) -> bool:
        raise MemoryError("no room")

    queue = Queue(Endpoint(), together=fail)
    queue.put("a", "b")
    queue.sender.start()
    thread_is_done(queue)

    assert queue.health.report()["last_error"] == "the sender stopped: MemoryError: no room"
    assert queue.health.waiting == 2


REQUEST: ContextVar[str] = ContextVar("request", default="none")


def test_the_thread_has_a_context_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread has its own context, not its first request's. An SDK's suppression is entered there."""
    entered: list[str] = []

    @contextlib.contextmanager
    def leave_alone() -> Iterator[None]:
        entered.append("in")
        yield
        entered.append("out")

    monkeypatch.setattr(sender, "untraced", leave_alone)
    seen: list[tuple[str, list[str]]] = []
    queue = Queue(lambda _: seen.append((REQUEST.get(), list(entered))))
    token = REQUEST.set("the first")
    queue.deliver_all("a")
    REQUEST.reset(token)

    assert seen == [("none", ["in"])]
    assert entered == ["in", "out"]


def test_a_forked_process_sends_its_own_items_only() -> None:
    """A forked process has an empty queue and its own thread, and its parent continues."""
    read, write = os.pipe()

    def deliver(batch: list[str]) -> None:
        os.write(write, f"{' '.join(batch)}\n".encode())

    queue = Queue(deliver, Limits(1_000, 1_000, seconds=86_400))
    queue.sender.start()
    queue.put("of the parent")

    def child() -> None:
        queue.put("of the child")
        queue.sender.stop(10)

    assert exit_status_of_a_child(child) == 0
    queue.sender.stop(10)
    os.close(write)
    with open(read) as delivered:
        assert delivered.read().splitlines() == ["of the child", "of the parent"]
    assert queue.health.lost() == {}


def test_a_process_that_is_forked_after_the_stop_sends_nothing() -> None:
    """A process that is forked after the stop has no thread."""
    queue = Queue(Endpoint())
    queue.sender.start()
    queue.sender.stop(10)

    def child() -> None:
        queue.put("late")
        assert queue.health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}

    assert exit_status_of_a_child(child) == 0


def test_a_batch_that_is_refused_the_same_way_again_and_again(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is refused the same way for a while fails, and the next is sent.

    Another result restarts the while.
    """
    monkeypatch.setattr(sender, "GIVE_UP_SECONDS", 0.0)
    same = Later("the endpoint responded 500", responded=True)
    endpoint = Endpoint(same, same, None)
    queue = Queue(endpoint, Limits(queue_bytes=1_000, batch_bytes=1, batch_items=1, seconds=0.0))
    queue.deliver_all("refused", "next")
    assert endpoint.taken == [["next"]]
    assert queue.health.lost()["failed"] == 1

    nobody = Later("nobody responds")
    other = Later("the endpoint responded 503", responded=True)
    endpoint = Endpoint(nobody, nobody, other, same, other, nobody, None)
    Queue(endpoint).deliver_all("kept")
    assert endpoint.taken == [["kept"]]
