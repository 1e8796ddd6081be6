"""Activities: the feeds, the search, and what users post."""

from flask import Blueprint, Response, abort, jsonify, request

from routes.request_body import json_object
from services.create_activity import CreateActivity
from services.create_reply import CreateReply
from services.home_activities import HomeActivities
from services.notifications_activities import NotificationsActivities
from services.search_activities import SearchActivities
from services.show_activity import ShowActivity
from services.user_activities import UserActivities

NO_ACTIVITY = "No activity has that uuid."

bp = Blueprint("activities", __name__, url_prefix="/api/activities")


@bp.get("/home")
def home() -> Response:
    return jsonify(HomeActivities.run())


@bp.get("/notifications")
def notifications() -> Response:
    return jsonify(NotificationsActivities.run())


@bp.get("/search")
def search() -> Response:
    return jsonify(SearchActivities.run(request.args.get("term")))


@bp.get("/@", defaults={"handle": ""})
@bp.get("/@<handle>")
def user(handle: str) -> Response:
    return jsonify(UserActivities.run(handle))


@bp.post("")
def create() -> Response:
    body = json_object()
    return jsonify(CreateActivity.run(body.get("message"), body.get("ttl")))


@bp.get("/<activity_uuid>")
def show(activity_uuid: str) -> Response:
    found = ShowActivity.run(activity_uuid)
    if not found:
        abort(404, NO_ACTIVITY)
    return jsonify(found)


@bp.post("/<activity_uuid>/reply")
def reply(activity_uuid: str) -> Response:
    created = CreateReply.run(json_object().get("message"), activity_uuid)
    if not created:
        abort(404, NO_ACTIVITY)
    return jsonify(created)
