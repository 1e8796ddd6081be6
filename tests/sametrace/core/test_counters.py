"""All workers count in shared memory, also after gunicorn's forks."""

import sys
from textwrap import dedent

import preloaded
from gunicorn_server import environment

WORKER = """
import os
from sametrace.core import counters, shared_memory

def add(vendor, count, number):
    shared_memory.counts_of(counters.mine(vendor))[count][0] += number

def worker(age, *counts, slot=True):
    # Forked, it counts, and is gone.
    if slot:
        counters.reserve(age)
    pid = os.fork()
    if pid == 0:
        counters.take(age)
        for count, number in counts:
            add("Honeycomb", count, number)
        os._exit(0)
    os.waitpid(pid, 0)
"""


def run(script: str) -> list[str]:
    """Return the lines that it printed in its own process, because a fork should have no other threads."""
    done = preloaded.run([sys.executable, "-c", WORKER + dedent(script)], environment({}))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_a_worker_counted_stays_when_it_is_gone_and_another_has_its_slot() -> None:
    """A gone worker's counts stay, and its unsent telemetry is dropped when the master notices.

    The next worker continues in its slot.
    """
    printed = run("""
        worker(1, ("produced", 5), ("sent", 2))
        print(counters.total("Honeycomb"), counters.last_error("Honeycomb"))
        print(counters.release(1, pid=7))
        worker(2, ("produced", 1), ("sent", 1))
        print(counters.total("Honeycomb"), counters.release(2, pid=8), counters._shared.used)
    """)
    assert printed == [
        "{'sent': 2, 'dropped': 0, 'failed': 0, 'waiting': 3} None",
        "['Honeycomb: worker 7 exited before it sent 3']",
        "{'sent': 3, 'dropped': 3, 'failed': 0, 'waiting': 0} [] 2",
    ]


def test_a_process_without_a_slot_counts_for_itself_alone() -> None:
    """A process without a slot counts alone: one forked by the app, or one worker too many. No two share a slot."""
    printed = run("""
        add("Honeycomb", "produced", 1)
        worker(0, ("produced", 1), slot=False)
        for age in range(1, shared_memory.SLOTS + 2):
            worker(age, ("produced", 1))
        print(counters.total("Honeycomb")["waiting"])
        print(sum(len(counters.release(age, pid=age)) for age in range(shared_memory.SLOTS + 2)))
    """)
    # 255 of the 257 workers, and the process itself.
    assert printed == ["256", "255"]


def test_too_many_vendors_are_reported() -> None:
    """Too many vendors are reported, with where to raise the limit."""
    printed = run("""
        try:
            for number in range(9):
                counters.mine(f"vendor {number}")
        except LookupError as error:
            print(error)
    """)
    assert printed == ["there is room for 8 vendors: see MAX_VENDORS in shared_memory.py"]


def test_more_sent_than_produced() -> None:
    """Telemetry from before the fork that is sent afterwards leaves nothing, so nothing is dropped."""
    printed = run("""
        worker(1, ("sent", 1))
        print(counters.release(1, pid=7), counters.total("Honeycomb"))
    """)
    assert printed == ["[] {'sent': 1, 'dropped': 0, 'failed': 0, 'waiting': -1}"]


def test_vendors_that_are_first_counted_at_the_same_moment() -> None:
    """Vendors that several threads count first have a row each."""
    printed = run("""
        import threading
        import time

        vendors = ["Honeycomb", "X-Ray", "CloudWatch Logs", "Rollbar"]
        together = threading.Barrier(len(vendors))
        pid = os.getpid()
        counters.os.getpid = lambda: time.sleep(0.01) or pid  # the others look for a row meanwhile

        def count(vendor):
            together.wait()
            add(vendor, "sent", 1)

        threads = [threading.Thread(target=count, args=(vendor,)) for vendor in vendors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(*(counters.total(vendor)["sent"] for vendor in vendors))
    """)
    assert printed == ["1 1 1 1"]
