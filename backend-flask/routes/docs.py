"""Serve the contract, openapi.yml, and Swagger UI to read it.

The modules and files for this are loaded at the first such request, because most workers never receive one.
"""

import functools
import hashlib
import json
from base64 import b64encode
from importlib import metadata, resources
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

import errors

bp = Blueprint("docs", __name__, url_prefix="/api")

OPENAPI = Path(__file__).resolve().parent.parent / "openapi.yml"
VERSION = metadata.version("flask-swagger-ui")
# Without validatorUrl, the page would load a picture from swagger.io that shows whether the document is valid.
START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#viewer", validatorUrl: "none", tryItOutEnabled: true})'
# The package has a page, too, but a Content-Security-Policy can't allow its inline script.
PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cruddur's API</title>
<link rel="icon" href="docs/favicon-32x32.png?{VERSION}">
<link rel="stylesheet" href="docs/swagger-ui.css?{VERSION}">
<main id="viewer"></main>
<script src="docs/swagger-ui-bundle.js?{VERSION}"></script>
<script>{START}</script>
</html>
"""
SCRIPT_HASH = b64encode(hashlib.sha256(START.encode()).digest()).decode()
PAGE_POLICY = (
    f"default-src 'none'; script-src 'self' 'sha256-{SCRIPT_HASH}'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@bp.after_request
def failed_condition(response: Response) -> Response:
    """Return werkzeug's 412 for a failed If-Match in the API's own error form."""
    return errors.problem(412, "The ETag differs from If-Match.") if response.status_code == 412 else response


@functools.cache
def document() -> bytes:
    import yaml  # noqa: PLC0415 - see the module's docstring

    return json.dumps(yaml.safe_load(OPENAPI.read_text(encoding="utf-8")), ensure_ascii=False).encode()


@functools.cache
def viewer_files() -> str:
    return str(resources.files("flask_swagger_ui") / "dist")


@bp.get("/openapi.json")
def openapi() -> Response:
    return kept_while_unchanged(Response(document(), content_type="application/json"))


@bp.get("/docs")
def docs() -> Response:
    page = Response(PAGE, content_type="text/html; charset=utf-8")
    page.headers["Content-Security-Policy"] = PAGE_POLICY
    return kept_while_unchanged(page)


@bp.get("/docs/<file>")
def viewer(file: str) -> Response:
    # One year: the page requests them with their version.
    return send_from_directory(viewer_files(), file, max_age=365 * 24 * 3600)


def kept_while_unchanged(response: Response) -> Response:
    """Let the client cache the response, and check each time if it has changed.

    If it has not changed, the response is a 304.
    """
    response.add_etag()
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
