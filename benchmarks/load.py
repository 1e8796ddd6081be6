"""Send requests to the local API, so that the console has something to show.

`make load` runs this for a minute. The requests are like those of the API's users: they use every route, cause errors,
and send one body so slowly that the request takes two seconds. The rate holds on average, with random pauses between
requests. The exit status is 1 if a request got no response.
"""

import argparse
import ipaddress
import random
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlsplit

import requests

from load_deck import DECK, Card
from load_progress import Progress, Tally

MAX_RATE = 50
MAX_SECONDS = 3600
AT_ONCE = 8  # concurrent requests; further ones wait
LOST_IN_A_ROW = 5  # requests without a response, after which the run stops
TIMEOUT = 30


class WrongAddress(Exception):
    pass


def deal() -> Iterator[Card]:
    """Yield the requests in random order, each once before any is repeated."""
    while True:
        yield from random.sample(DECK, len(DECK))


def send(session: requests.Session, url: str, card: Card) -> tuple[int, float]:
    """Send one request, and return its status and seconds.

    The status is 0 without a response.
    """
    began = time.monotonic()
    try:
        response = session.request(
            card.method,
            url + card.path,
            data=card.body(),
            headers=card.headers(),
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException:
        return 0, time.monotonic() - began
    return response.status_code, time.monotonic() - began


def run(url: str, rate: float, seconds: float, progress: Progress) -> Tally:
    """Send requests until the time is up or the API stops responding.

    rate: requests per second, on average
    """
    tally = Tally()
    waiting: set[Future[tuple[int, float]]] = set()
    began = time.monotonic()
    due = 0.0
    with requests.Session() as session, ThreadPoolExecutor(AT_ONCE) as pool:
        session.trust_env = False  # do not send the requests through a proxy
        cards = deal()
        while (elapsed := time.monotonic() - began) < seconds and tally.without_response_in_a_row < LOST_IN_A_ROW:
            for done in [future for future in waiting if future.done()]:
                waiting.remove(done)
                tally.note(*done.result())
            progress.show(tally.line(elapsed, seconds))
            if elapsed >= due and len(waiting) < AT_ONCE:
                waiting.add(pool.submit(send, session, url, next(cards)))
                due = max(due, elapsed - 1) + min(random.expovariate(rate), 5 / rate)
            time.sleep(min(0.05, max(0.0, due - elapsed)) or 0.005)
        for future in waiting:
            tally.note(*future.result())
    progress.write(tally.line(min(time.monotonic() - began, seconds), seconds))
    return tally


def check_address(url: str, elsewhere: bool) -> None:
    """Raise WrongAddress if the URL is another machine's and `elsewhere` is false."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongAddress(f"{url!r} is no URL: use http://localhost:4567")
    try:
        found = {str(address[4][0]) for address in socket.getaddrinfo(parts.hostname, None)}
    except OSError as error:
        raise WrongAddress(f"{parts.hostname} can't be resolved: {error}") from error
    if not elsewhere and not all(ipaddress.ip_address(address).is_loopback for address in found):
        raise WrongAddress(f"{parts.hostname} is another machine. If it is yours, use --elsewhere")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:4567", help="the API (default: %(default)s)")
    parser.add_argument(
        "--rate", type=float, default=2, help=f"requests a second, up to {MAX_RATE} (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=60, help=f"up to {MAX_SECONDS} (default: %(default)s)")
    parser.add_argument("--elsewhere", action="store_true", help="allow an API on another machine of yours")
    given = parser.parse_args()
    if not 0 < given.rate <= MAX_RATE or not 0 < given.seconds <= MAX_SECONDS:
        parser.error(f"a rate is above 0 and up to {MAX_RATE}, seconds above 0 and up to {MAX_SECONDS}")
    try:
        check_address(given.url, given.elsewhere)
    except WrongAddress as error:
        parser.error(str(error))
    return given


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress(sys.stdout)
    try:
        tally = run(given.url.rstrip("/"), given.rate, given.seconds, progress)
    except KeyboardInterrupt:
        progress.write("stopped")
        return 130
    if tally.responses[0]:
        sys.stderr.write(f"make load: not every request got a response at {given.url}. Does `make run` run?\n")
    return int(tally.responses[0] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
