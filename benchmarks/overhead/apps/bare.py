"""The home feed, and nothing else: Flask, one route, the API's mock data. What telemetry adds is added to this.

No log line, no CORS, no headers of its own. The peers are measured on it, too, set up around it or by it.
"""

import itertools
from datetime import UTC, datetime

from flask import Flask

from mock_data import activities

app = Flask(__name__, static_folder=None)

# An SDK that sends one item for many of a kind would be measured sending none: so each few are of another class.
KINDS = [type(f"Failure{number}", (LookupError,), {}) for number in range(1_000)]
kinds = (kind for again in itertools.repeat(KINDS) for kind in again for _ in range(10))


@app.get("/api/activities/home")
def home() -> list[activities.Activity]:
    return activities.home(datetime.now(UTC))


def fail() -> str:
    raise next(kinds)("nobody handles this")


app.add_url_rule("/api/failing", view_func=fail)


def finish() -> None:
    """Nothing waits."""
