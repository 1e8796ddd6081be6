"""Let web pages of allowed other origins send telemetry.

They may post, and never read.
"""

from flask import Response, current_app, request

from settings import Settings

# OpenTelemetry's exporters and rollbar.js post to these paths.
PATHS = frozenset({"/v1/traces", "/v1/logs", "/v1/metrics", "/api/1/item/"})
# rollbar.js reads these headers from each response. The browser logs an error for one that isn't exposed.
READ_BY_ROLLBAR = "Rollbar-Replay-Enabled, Rollbar-Replay-RateLimit-Remaining, Rollbar-Replay-RateLimit-Reset"


def is_allowed(settings: Settings) -> bool:
    """Return whether the request comes from a page that may send here.

    The request is a post, or its preflight.
    """
    return _is_to_send() and request.headers["Origin"].lower() in settings.allowed_origins


def note_refusal() -> None:
    """Count a refused page.

    The list of requests shows the count, because the page itself can't see the reason.
    """
    if _is_to_send():
        current_app.extensions["store"].totals.refuse_origin(request.headers["Origin"])


def preflight_response() -> Response:
    """Respond to a preflight, and allow the headers of the page's SDK.

    The browser then sends the post.
    """
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "")
    response.headers["Access-Control-Max-Age"] = "600"
    return response


def let_read(response: Response, settings: Settings) -> None:
    """Let the page see the response to its post.

    The SDKs retry a response that they can't see. A beacon is sent with credentials. The console does not use them.
    """
    if request.path in PATHS:
        response.vary.add("Origin")
        if "Origin" in request.headers and is_allowed(settings):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = READ_BY_ROLLBAR


def _is_to_send() -> bool:
    is_preflight = request.method == "OPTIONS" and request.headers.get("Access-Control-Request-Method") == "POST"
    return request.path in PATHS and (request.method == "POST" or is_preflight)
