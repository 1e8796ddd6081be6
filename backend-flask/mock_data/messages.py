"""Messages between users, and the groups that they are shown in."""

from datetime import datetime

Message = dict[str, object]


def message(uuid: str, text: str, created_at: datetime) -> Message:
    """Return one message from the mock user."""
    return {
        "uuid": uuid,
        "handle": "andrewbrown",
        "display_name": "Andrew Brown",
        "message": text,
        "created_at": created_at.isoformat(),
    }


def groups(now: datetime) -> list[Message]:
    return [
        {
            "uuid": "24b95582-9e7b-4e0a-9ad1-639773ab7552",
            "handle": "andrewbrown",
            "display_name": "Andrew Brown",
            "created_at": now.isoformat(),
        },
        {
            "uuid": "417c360e-c4e6-4fce-873b-d2d71469b4ac",
            "handle": "worf",
            "display_name": "Worf",
            "created_at": now.isoformat(),
        },
    ]


def conversation(now: datetime) -> list[Message]:
    return [
        message("4e81c06a-db0f-4281-b4cc-98208537772a", "Cloud is fun!", now),
        message("66e12864-8c26-4c3a-9658-95a10f8fea67", "This platform is great!", now),
    ]
