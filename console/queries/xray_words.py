"""Translate a query into X-Ray's filter expression.

Source: the AWS X-Ray developer guide, "Using filter expressions".
"""

import json

from queries.query import Query
from queries.untranslatable import Untranslatable
from store.conditions import NUMBER, Condition

# The keywords for a request's attributes in a filter expression.
OF_TRACES = {
    "http.response.status": "http.status",
    "http.request.method": "http.method",
    "http.request.url": "http.url",
}
OF_TRACES |= {"http.request.user_agent": "http.useragent", "http.request.client_ip": "http.clientip"}
OF_TRACES |= {"status": "http.status", "method": "http.method", "user": "user"}


def in_xray(query: Query) -> tuple[str, str]:
    if query.of not in ("segments", "requests"):
        raise Untranslatable(f"X-Ray has segments. This is a query of {query.of}.")
    text = " AND ".join(_expression(one) for one in query.where)
    if not text:
        raise Untranslatable("A filter expression needs a condition: without one, X-Ray lists all traces.")
    is_list = not query.by and {shown.function for shown in query.shown} <= {"count"}
    note = "This finds the traces. X-Ray has no other groups or figures."
    return text, "" if is_list else note


def _expression(condition: Condition) -> str:
    name, operator, value = condition.name, condition.operator, condition.value
    if name == "error" and value in ("true", "false") and operator in ("=", "!="):
        return f"fault {operator} {value}"
    if name in ("fault", "client_error") and operator in ("=", "!="):
        return f"{'error' if name == 'client_error' else name} {operator} {value}"
    if name == "duration_ms" and operator in (">", ">=", "<", "<=", "=", "!=") and NUMBER.fullmatch(value):
        return f"responsetime {operator} {float(value) / 1000:g}"
    if name in ("name", "service") and operator in ("=", "!="):
        return f"{'!' if operator == '!=' else ''}service({json.dumps(value)})"
    if not name.startswith("annotation.") and name not in OF_TRACES:
        raise Untranslatable(f"X-Ray has no keyword for {name}: X-Ray can search only for an app's annotations.")
    keyword = OF_TRACES.get(name, name)
    if operator in ("^=", "$="):
        return f"{keyword} {'BEGINSWITH' if operator == '^=' else 'ENDSWITH'} {json.dumps(value)}"
    if operator in ("?", "!?"):
        return f"{'!' if operator == '!?' else ''}{keyword}"
    if operator == "!~":
        return f"!({keyword} CONTAINS {json.dumps(value)})"
    is_text = not NUMBER.fullmatch(value) and value not in ("true", "false")
    written = json.dumps(value) if is_text or operator == "~" else value
    return f"{keyword} {'CONTAINS' if operator == '~' else operator} {written}"
