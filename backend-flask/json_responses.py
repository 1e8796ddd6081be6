"""Encode JSON responses with orjson, which is faster than Flask's own encoder."""

from typing import Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider


class JSONResponses(DefaultJSONProvider):
    def response(self, *arguments: Any, **named: Any) -> Response:
        value = self._prepare_response_obj(arguments, named)
        try:
            body = orjson.dumps(value, self.default, orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # only json can encode some values, such as a number over 64 bits
            body = f"{self.dumps(value)}\n".encode()
        return Response(body, mimetype=self.mimetype)
