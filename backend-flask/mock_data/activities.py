"""Activities and replies."""

from datetime import datetime, timedelta

Activity = dict[str, object]


def activity(
    uuid: str,
    name: str,
    message: str,
    created_at: datetime,
    expires_at: datetime,
    *,
    handle: str | None = None,
    likes_count: int = 0,
    replies: list[Activity] | None = None,
) -> Activity:
    """Return one activity, as every route shows it.

    name: the display name; also the handle, if none is given
    """
    replies = replies or []
    return {
        "uuid": uuid,
        "handle": handle or name,
        "display_name": name,
        "message": message,
        "created_at": created_at.isoformat(),
        "expires_at": expires_at.isoformat(),
        "likes_count": likes_count,
        "replies_count": len(replies),
        "reposts_count": 0,
        "replies": replies,
    }


def reply(
    uuid: str, name: str, message: str, created_at: datetime, reply_to_activity_uuid: str, *, handle: str | None = None
) -> Activity:
    """Return one reply: an activity without an expiry date.

    It names the activity that it replies to.
    """
    return {
        "uuid": uuid,
        "reply_to_activity_uuid": reply_to_activity_uuid,
        "handle": handle or name,
        "display_name": name,
        "message": message,
        "created_at": created_at.isoformat(),
        "likes_count": 0,
        "replies_count": 0,
        "reposts_count": 0,
        "replies": [],
    }


def home(now: datetime) -> list[Activity]:
    first = "68f126b0-1ceb-4a33-88be-d90fa7109eee"
    return [
        activity(
            first,
            "Andrew Brown",
            "Cloud is very fun!",
            now - timedelta(days=2),
            now + timedelta(days=5),
            likes_count=5,
            replies=[
                reply(
                    "26e12864-1c26-5c3a-9658-97a10f8fea67",
                    "Worf",
                    "This post has no honor!",
                    now - timedelta(days=2),
                    reply_to_activity_uuid=first,
                )
            ],
        ),
        activity(
            "66e12864-8c26-4c3a-9658-95a10f8fea67",
            "Worf",
            "I am out of prune juice",
            now - timedelta(days=7),
            now + timedelta(days=9),
        ),
        activity(
            "248959df-3079-4947-b847-9e0892d1bab4",
            "Garek",
            "My dear doctor, I am just simple tailor",
            now - timedelta(hours=1),
            now + timedelta(hours=12),
        ),
    ]


def user(now: datetime) -> list[Activity]:
    """Return the feed of every user, which is also the result of every search."""
    return [
        activity(
            "248959df-3079-4947-b847-9e0892d1bab4",
            "Andrew Brown",
            "Cloud is fun!",
            now - timedelta(days=1),
            now + timedelta(days=31),
        )
    ]


def notifications(now: datetime) -> list[Activity]:
    return [
        activity(
            "8f0c2b3e-5a7d-4c1e-9b6f-2d4e6a8c0b1d",
            "coco",
            "I am a white unicorn",
            now - timedelta(days=2),
            now + timedelta(days=5),
        )
    ]
