"""The API's responses follow the contract in API.md, including the mock data."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wire_client import Wire

HOME = "/api/activities/home"


def get(wire: Wire, path: str) -> Any:
    response = wire.session.get(wire.server.url + path, timeout=10)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    return response.json()


def post(wire: Wire, path: str, body: Any) -> Any:
    response = wire.session.post(wire.server.url + path, json=body, timeout=10)
    assert response.status_code == 200
    return response.json()


def from_now(time: str) -> timedelta:
    """Return the difference of a response's time from now, rounded to minutes."""
    difference = datetime.fromisoformat(time) - datetime.now(UTC)
    return timedelta(minutes=round(difference.total_seconds() / 60))


def test_home(wire: Wire) -> None:
    """Home has three activities, and the first has a reply."""
    first, second, third = get(wire, HOME)

    assert (first["uuid"], first["handle"], first["message"]) == (
        "68f126b0-1ceb-4a33-88be-d90fa7109eee",
        "Andrew Brown",
        "Cloud is very fun!",
    )
    assert (from_now(first["created_at"]), from_now(first["expires_at"])) == (timedelta(days=-2), timedelta(days=5))
    assert (first["likes_count"], first["replies_count"], first["reposts_count"]) == (5, 1, 0)
    (reply,) = first["replies"]
    assert (reply["uuid"], reply["handle"], reply["message"]) == (
        "26e12864-1c26-5c3a-9658-97a10f8fea67",
        "Worf",
        "This post has no honor!",
    )
    assert (from_now(reply["created_at"]), reply["reply_to_activity_uuid"]) == (timedelta(days=-2), first["uuid"])
    assert (second["uuid"], second["handle"], second["message"], second["replies"]) == (
        "66e12864-8c26-4c3a-9658-95a10f8fea67",
        "Worf",
        "I am out of prune juice",
        [],
    )
    assert (from_now(second["created_at"]), from_now(second["expires_at"])) == (timedelta(days=-7), timedelta(days=9))
    assert (third["uuid"], third["handle"], third["message"], third["replies"]) == (
        "248959df-3079-4947-b847-9e0892d1bab4",
        "Garek",
        "My dear doctor, I am just simple tailor",
        [],
    )
    assert (from_now(third["created_at"]), from_now(third["expires_at"])) == (
        timedelta(hours=-1),
        timedelta(hours=12),
    )
    for activity in (first, second, third, reply):
        assert activity["display_name"] == activity["handle"]
        assert activity.keys() >= {"likes_count", "replies_count", "reposts_count", "replies"}


@pytest.mark.parametrize(
    "path", ["/api/activities/@Andrew%20Brown", "/api/activities/@w%C3%B6rf", "/api/activities/search?term=cloud"]
)
def test_user_feed_and_search(wire: Wire, path: str) -> None:
    """The feed and any search have the same activity."""
    (activity,) = get(wire, path)

    assert (activity["uuid"], activity["handle"], activity["message"]) == (
        "248959df-3079-4947-b847-9e0892d1bab4",
        "Andrew Brown",
        "Cloud is fun!",
    )
    assert (from_now(activity["created_at"]), from_now(activity["expires_at"])) == (
        timedelta(days=-1),
        timedelta(days=31),
    )


def test_notifications(wire: Wire) -> None:
    """There is one notification, from coco."""
    (activity,) = get(wire, "/api/activities/notifications")

    assert (activity["handle"], activity["message"]) == ("coco", "I am a white unicorn")


def test_one_activity(wire: Wire) -> None:
    """The list has the activity with its replies."""
    home = get(wire, HOME)
    (activity,) = get(wire, f"/api/activities/{home[0]['uuid']}")

    assert activity["message"] == home[0]["message"]
    assert [reply["uuid"] for reply in activity["replies"]] == [reply["uuid"] for reply in home[0]["replies"]]


@pytest.mark.parametrize(
    ("ttl", "lifetime"),
    [
        ("30-days", timedelta(days=30)),
        ("7-days", timedelta(days=7)),
        ("3-days", timedelta(days=3)),
        ("1-day", timedelta(days=1)),
        ("12-hours", timedelta(hours=12)),
        ("3-hours", timedelta(hours=3)),
        ("1-hour", timedelta(hours=1)),
    ],
)
def test_a_new_activity(wire: Wire, ttl: str, lifetime: timedelta) -> None:
    """A new activity is the signed-in user's, created now, and expires after its ttl."""
    activity = post(wire, "/api/activities", {"message": "x" * 280, "ttl": ttl})

    assert (activity["handle"], activity["display_name"]) == ("andrewbrown", "Andrew Brown")
    assert activity["message"] == "x" * 280
    assert (from_now(activity["created_at"]), from_now(activity["expires_at"])) == (timedelta(), lifetime)


def test_a_new_reply(wire: Wire) -> None:
    """A new reply names its activity."""
    activity = get(wire, HOME)[0]
    reply = post(wire, f"/api/activities/{activity['uuid']}/reply", {"message": "x" * 1024})

    assert (reply["handle"], reply["reply_to_activity_uuid"]) == ("andrewbrown", activity["uuid"])


def test_messages(wire: Wire) -> None:
    """There are two groups with two messages each, and a new message is the signed-in user's."""
    groups = get(wire, "/api/message_groups")
    assert [(group["uuid"], group["display_name"], group["handle"]) for group in groups] == [
        ("24b95582-9e7b-4e0a-9ad1-639773ab7552", "Andrew Brown", "andrewbrown"),
        ("417c360e-c4e6-4fce-873b-d2d71469b4ac", "Worf", "worf"),
    ]
    messages = get(wire, "/api/messages/@worf")
    assert [(message["uuid"], message["handle"], message["message"]) for message in messages] == [
        ("4e81c06a-db0f-4281-b4cc-98208537772a", "andrewbrown", "Cloud is fun!"),
        ("66e12864-8c26-4c3a-9658-95a10f8fea67", "andrewbrown", "This platform is great!"),
    ]
    message = post(wire, "/api/messages", {"message": "hi", "user_receiver_handle": "worf"})
    assert (message["handle"], message["message"]) == ("andrewbrown", "hi")
