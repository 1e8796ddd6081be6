"""identify() sets the request's user."""

import json
import logging
import uuid
from collections.abc import Iterator

import pytest
from sametrace import identify
from sametrace.core.log_lines import JSONLineFormatter
from sametrace.core.request import Request
from sametrace.core.trace_id import current_request
from werkzeug.test import create_environ


@pytest.fixture
def served() -> Iterator[Request]:
    request = Request(create_environ("/"))
    token = current_request.set(request)
    yield request
    current_request.reset(token)


@pytest.mark.parametrize(
    "user_id",
    ["b7a9e0d4-53c1-4f6e-8c2d-91e6f0a4d8c3", "auth0|5f7c8ec7c33c", "eu-central-1:9f3a", 7, uuid.uuid4(), "x" * 128],
)
def test_an_opaque_id(served: Request, user_id: object) -> None:
    """Opaque ids are accepted: uuids, numbers, and those of identity providers."""
    identify(user_id)
    assert served.user_id == str(user_id)


@pytest.mark.parametrize("user_id", ["Andrew Brown", "andrew@example.com", "+49 170", "Jürgen", "", "7\n", "x" * 129])
def test_what_may_be_a_name_or_an_address(served: Request, user_id: object, caplog: pytest.LogCaptureFixture) -> None:
    """A name or an address is not sent, the request has no user, and a warning omits the value."""
    identify("b7a9")
    identify(user_id)
    assert served.user_id is None
    [warning] = caplog.records
    assert warning.message == "user_not_identified"
    assert not user_id or str(user_id) not in repr(vars(warning))


class Nameless:
    def __str__(self) -> str:
        raise LookupError("no name")


@pytest.mark.parametrize(
    ("user_id", "error"), [(10**5_000, "ValueError"), (Nameless(), "LookupError")], ids=["long", "nameless"]
)
def test_an_id_without_a_text(served: Request, user_id: object, error: str, caplog: pytest.LogCaptureFixture) -> None:
    """An id whose str() fails leaves the request without a user."""
    identify("b7a9")
    identify(user_id)
    assert served.user_id is None
    [warning] = caplog.records
    assert (warning.message, vars(warning)["why"]) == ("user_not_identified", f"str() of the id raises {error}")


def test_an_id_is_taken_back(served: Request) -> None:
    """None removes the id, as after a logout."""
    identify("b7a9")
    identify(None)
    assert served.user_id is None


def test_outside_a_request() -> None:
    """Outside a request, it does nothing."""
    identify("b7a9")
    assert "user_id" not in line()


def test_the_lines_of_the_request(served: Request) -> None:
    """Each line has the user. A log call's field of the same name is renamed."""
    assert line(user_id=9)["user_id"] == 9
    identify("b7a9")
    assert line()["user_id"] == "b7a9"
    assert (line(user_id=9)["user_id"], line(user_id=9)["extra_user_id"]) == ("b7a9", 9)


def line(**fields: object) -> dict[str, object]:
    written = JSONLineFormatter().format(logging.makeLogRecord({"msg": "listed", **fields}))
    parsed: dict[str, object] = json.loads(written)
    return parsed
