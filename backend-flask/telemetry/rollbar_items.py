"""What Rollbar's items say of their request."""

from typing import Any

from flask import has_request_context, request

from telemetry import redaction, trace_id


def describe(_: object, data: dict[str, Any]) -> None:
    """What the SDK's items begin with."""
    data["framework"] = "flask"
    if has_request_context():
        data["context"] = f"{request.method} {redaction.path(request)}"
    # describe_request() fills it in. Without one, the SDK makes its own, to look for a header in it.
    data["request"] = {}


def describe_request(data: dict[str, Any]) -> None:
    """Mends the SDK's description of a request that it's handed, as its documentation has it: all headers, the query
    string, the form. Of the headers it makes "attributes", too.
    """
    data.pop("attributes", None)
    if not has_request_context():
        data.pop("request", None)
        return
    data["request"] = {
        "url": f"{request.scheme}://{request.host}{redaction.path(request)}",
        "method": request.method,
        "user_ip": request.remote_addr,
        "headers": {"User-Agent": request.headers.get("User-Agent", "")},
    }


def ids() -> dict[str, str]:
    current = trace_id.current()
    if not current.is_valid:
        return {}
    return {
        "trace_id": current.trace_id,
        "xray_trace_id": current.xray,
        "span_id": current.span_id,
        **trace_id.links(),
    }
