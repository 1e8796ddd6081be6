"""Each service emits what the API's contract says."""

from datetime import datetime

import pytest

from wire_client import Wire, only

ACTIVITY = "68f126b0-1ceb-4a33-88be-d90fa7109eee"


def test_home_activities(wire: Wire) -> None:
    """The span has the time and the length, the subsegment the length as an annotation, and the line its event."""
    seen = wire.see("GET", "/api/activities/home")

    span = seen.span("home-activities-mock-data")
    assert span["attributes"].keys() == {"app.now", "app.result_length"}
    assert datetime.fromisoformat(span["attributes"]["app.now"]).utcoffset() is not None
    assert span["attributes"]["app.result_length"] == 3
    subsegment = only(seen.segment["subsegments"])
    assert subsegment["name"] == "home-activities-mock-data"
    assert subsegment["annotations"] == {"result_length": 3}
    line = only([line for line in seen.lines if line["event"] == "home_activities_listed"])
    assert (line["level"], line["result_length"]) == ("INFO", 3)


def test_user_activities(wire: Wire) -> None:
    """The span has the time and the length, and the subsegment `mock-data` has both as metadata."""
    seen = wire.see("GET", "/api/activities/@Andrew%20Brown")

    span = seen.span("user-activities-mock-data")
    assert span["attributes"].keys() == {"app.now", "app.result_length"}
    assert span["attributes"]["app.result_length"] == 1
    subsegment = only(seen.segment["subsegments"])
    assert subsegment["name"] == "mock-data"
    metadata = subsegment["metadata"]["default"]
    assert metadata == {"now": span["attributes"]["app.now"], "results-size": 1}
    assert only([line for line in seen.lines if line["event"] == "user_activities_listed"])["level"] == "INFO"


OTHERS = [
    ("GET", "/api/activities/notifications", None, "notifications-activities", "result_length", "_listed"),
    ("GET", "/api/activities/search?term=cloud", None, "search-activities", "result_length", "_listed"),
    ("GET", f"/api/activities/{ACTIVITY}", None, "show-activity", "result_length", "_looked_up"),
    ("POST", "/api/activities", {"message": "hi", "ttl": "1-day"}, "create-activity", "activity_uuid", "_returned"),
    ("POST", f"/api/activities/{ACTIVITY}/reply", {"message": "hi"}, "create-reply", "reply_uuid", "_returned"),
    ("GET", "/api/message_groups", None, "message-groups", "result_length", "_listed"),
    ("GET", "/api/messages/@worf", None, "messages", "result_length", "_listed"),
    (
        "POST",
        "/api/messages",
        {"message": "hi", "user_receiver_handle": "worf"},
        "create-message",
        "message_uuid",
        "_returned",
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "use_case", "fact", "participle"), OTHERS)
def test_every_other_service(
    wire: Wire, method: str, path: str, body: object, use_case: str, fact: str, participle: str
) -> None:
    """Span and subsegment have the same name and fact, the length or the new uuid. The line has the fact, too."""
    seen = wire.see(method, path, json=body)

    reply = seen.response.json()
    value = len(reply) if isinstance(reply, list) else reply["uuid"]
    assert seen.span(f"{use_case}-mock-data")["attributes"] == {f"app.{fact}": value}
    subsegment = only(seen.segment["subsegments"])
    assert (subsegment["name"], subsegment["annotations"]) == (f"{use_case}-mock-data", {fact: value})
    line = only([line for line in seen.lines if line["event"] == use_case.replace("-", "_") + participle])
    assert line[fact] == value


def test_rollbar_test(wire: Wire) -> None:
    """The message item has the requested level, and the ids of its request."""
    seen = wire.see_all("GET", "/rollbar/test")

    assert (seen.response.text, seen.response.headers["Content-Type"]) == ("Hello World!", "text/plain; charset=utf-8")
    item = only(seen.items)
    assert (item["level"], item["body"]["message"]["body"]) == ("warning", "Hello World!")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/activities/@typed-by-a-user", None),
        ("GET", "/api/messages/@typed-by-a-user", None),
        ("GET", "/api/nowhere/@typed-by-a-user/at/all", None),
        ("GET", "/api/activities/typed-by-a-user", None),
        ("GET", "/api/activities/typed-by-a-user/reply", None),
        ("GET", "/api/messages/typed-by-a-user", None),
        ("GET", "/nowhere%3Fterm=typed-by-a-user", None),
        ("GET", "/api/activities/search?term=typed-by-a-user", None),
        ("POST", "/api/activities", {"message": "typed-by-a-user", "ttl": "1-day"}),
        ("POST", "/api/activities/typed-by-a-user/reply", {"message": "typed-by-a-user"}),
        ("POST", "/api/messages", {"message": "typed-by-a-user", "user_receiver_handle": "typed-by-a-user"}),
        ("GET", "/api/wire/failing-view?term=typed-by-a-user", None),
    ],
)
def test_what_a_user_typed_stays_here(wire: Wire, method: str, path: str, body: object) -> None:
    """No vendor receives a message's text, a typed handle or a search term."""
    headers = {
        "Authorization": "Bearer typed-by-a-user",
        "Cookie": "session=typed-by-a-user",
        "Host": "someone:typed-by-a-user@localhost",
    }
    seen = wire.see(method, path, json=body, headers=headers, items="failing" in path)

    assert "typed-by-a-user" not in repr([seen.spans, seen.documents, seen.lines, seen.items])
