"""If nothing else handles SIGTERM, the queues are sent, and the process ends by the signal."""

import signal
import sys
from textwrap import dedent

import preloaded
from gunicorn_server import environment

SET_UP = """
import atexit, os, signal, threading
from flask import Flask
from sametrace import Telemetry
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender

class Shelf:
    def init_app(self, app, telemetry):
        self.health = VendorHealth("Shelf", on=True, detail="")
        self.sender = Sender(self.health, Limits(1_000, 1_000), self.deliver)
        self.start, self.stop = self.sender.start, self.sender.stop

    def deliver(self, batch):
        print(*batch, flush=True)

    def put(self, item):
        self.health.produced()
        self.sender.put(item, 1)

shelf = Shelf()
telemetry = Telemetry(shelf)
telemetry.init_app(Flask("shop"))
telemetry.start()
"""


def run(script: str, ends: tuple[int, ...] = (-signal.SIGTERM,)) -> list[str]:
    """Return what a process prints. ends: the expected exit statuses"""
    done = preloaded.run([sys.executable, "-c", SET_UP + dedent(script)], environment({}))
    assert done.returncode in ends, done.stderr
    return done.stdout.splitlines()


def test_a_signal_that_interrupts_the_queueing() -> None:
    """The signal may interrupt the queueing, which holds the lock. The stop does not wait for it until the deadline."""
    printed = run("""
        with shelf.sender._lock:
            shelf.put("first")
            os.kill(os.getpid(), signal.SIGTERM)
            shelf.put("second")
        while True:
            signal.pause()
    """)
    assert printed == ["first second"]


def test_a_program_that_ends_meanwhile() -> None:
    """Everything is sent once, whichever of the two ends the program."""
    script = """
        ends = threading.Event()
        atexit.register(ends.set)  # called before those that were registered earlier
        deliver = shelf.sender._deliver
        shelf.sender._deliver = lambda batch: (ends.wait(10), deliver(batch))
        shelf.put("first")
        os.kill(os.getpid(), signal.SIGTERM)
    """
    assert run(script, ends=(0, -signal.SIGTERM)) == ["first"]
