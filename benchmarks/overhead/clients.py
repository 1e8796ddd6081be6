"""Concurrent clients.

Each sends one request after the other.
"""

import http.client
import threading
import time


def send_requests(address: tuple[str, int], path: str, requests: int, clients: int, *, keep: bool) -> list[float]:
    """Send the requests, and return the seconds of each, in no order.

    keep: whether a client keeps its connection; otherwise each request opens one

    Raises RuntimeError if a response's status isn't 200.
    """
    seconds: list[float] = []
    failures: list[str] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(*address, timeout=30)
        for _ in range(number):
            began = time.perf_counter()
            try:
                connection.request("GET", path, headers={} if keep else {"Connection": "close"})
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                failures.append(f"{type(error).__name__}: {error}")
                return
            seconds.append(time.perf_counter() - began)
            if response.status != 200:
                failures.append(f"{path} responded {response.status}")
        connection.close()

    threads = [threading.Thread(target=client, args=(requests // clients,)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} of {requests} requests failed, the first: {failures[0]}")
    return seconds
