"""The home feed alone: Flask, one route and the API's mock data.

Every variant is compared with this app. It writes no log line, and sets no CORS or other headers. The other products
are measured on this app, too.
"""

import itertools
from datetime import UTC, datetime

from flask import Flask

from mock_data import activities

app = Flask(__name__, static_folder=None)

# Each few failures are of another class. Otherwise an SDK that groups repeated exceptions would send one item for all.
KINDS = [type(f"Failure{number}", (LookupError,), {}) for number in range(1_000)]
kinds = (kind for again in itertools.repeat(KINDS) for kind in again for _ in range(10))


@app.get("/api/activities/home")
def home() -> list[activities.Activity]:
    return activities.home(datetime.now(UTC))


def fail() -> str:
    raise next(kinds)("unhandled")


app.add_url_rule("/api/failing", view_func=fail)


def finish() -> None:
    """Do nothing: the queues are empty."""
