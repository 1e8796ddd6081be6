"""Messages between users."""

from flask import Blueprint, Response, jsonify

from routes.request_body import json_object
from services.create_message import CreateMessage
from services.message_groups import MessageGroups
from services.messages import Messages

bp = Blueprint("messages", __name__, url_prefix="/api")


@bp.get("/message_groups")
def groups() -> Response:
    return jsonify(MessageGroups.run())


@bp.get("/messages/@", defaults={"handle": ""})
@bp.get("/messages/@<handle>")
def conversation(handle: str) -> Response:
    return jsonify(Messages.run(handle))


@bp.post("/messages")
def create() -> Response:
    body = json_object()
    return jsonify(CreateMessage.run(body.get("message"), body.get("user_receiver_handle")))
