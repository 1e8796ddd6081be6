"""The document describes exactly the API."""

import json
import re
import sys
from typing import Any

import jsonschema_rs
import pytest
import yaml

import preloaded
from config import VERSION
from corpus import Case
from gunicorn_server import BACKEND, environment
from test_corpus import CORPUS
from wire_client import Wire

# libyaml takes a tenth of the time. PyYAML has it in its wheels, which the newest Python may not have yet.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DOCUMENT: dict[str, Any] = yaml.load((BACKEND / "openapi.yml").read_text(), LOADER)
METHODS = {"get", "post", "put", "patch", "delete"}

OPERATIONS = [
    (path, method.upper(), operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method in METHODS
]


def test_it_is_openapi_3_1() -> None:
    """The document is valid by OpenAPI's own schema, and has the API's version."""
    import schemathesis  # noqa: PLC0415 - takes a quarter of a second, which every process that collects would spend

    schemathesis.openapi.from_dict(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["version"] == VERSION


def test_every_route_is_documented_and_every_path_is_routed() -> None:
    """The document has every route with its methods. HEAD and OPTIONS belong to every route, and are described once."""
    script = """
import json
from app import create_app
for rule in create_app().url_map.iter_rules():
    # A route with a default, /@, is what /@<handle> is with an empty handle.
    print(json.dumps([rule.rule + "".join(f"<{name}>" for name in rule.defaults or ()), sorted(rule.methods)]))
"""
    command = [sys.executable, "-c", script]
    done = preloaded.run(command, environment({}), BACKEND)
    assert done.returncode == 0, done.stderr
    routed = {
        (rule.replace("<", "{").replace(">", "}"), method)
        for rule, methods in map(json.loads, done.stdout.splitlines())
        for method in set(methods) - {"HEAD", "OPTIONS"}
    }

    assert routed == {(path, method) for path, method, _ in OPERATIONS}


def test_it_is_served_as_it_is(wire: Wire) -> None:
    """The document is served as JSON."""
    assert wire.session.get(f"{wire.server.url}/api/openapi.json", timeout=10).json() == DOCUMENT


def test_every_code_is_documented_and_every_documented_code_is_responded() -> None:
    """Each code is documented and returned by the same operations."""
    codes = set(DOCUMENT["components"]["schemas"]["Code"]["enum"])
    documented = {
        (path, method): {code for code in codes if f"`{code}`" in operation["responses"]["422"]["description"]}
        for path, method, operation in OPERATIONS
        if "422" in operation["responses"]
    }
    responded: dict[tuple[str, str], set[str]] = {}
    for case in CORPUS:
        if case.codes:
            responded.setdefault(operation_of(case), set()).update(case.codes)

    assert responded == documented
    assert set().union(*documented.values()) == codes


def operation_of(case: Case) -> tuple[str, str]:
    method_sent, target, _ = case.request.decode("latin-1").split(" ", 2)
    for path, method, _ in OPERATIONS:
        pattern = re.sub(r"\\{\w+\\}", "[^/?]*", re.escape(path))
        if {"HEAD": "GET"}.get(method_sent, method_sent) == method and re.fullmatch(rf"{pattern}(\?.*)?", target):
            return path, method
    raise AssertionError(f"{case.name} asks for nothing that is documented")


def media() -> list[tuple[str, Any, dict[str, Any]]]:
    """Return each content of a request or response with its place and its references resolved."""

    def found(where: str, node: Any) -> list[tuple[str, Any, dict[str, Any]]]:
        if not isinstance(node, dict):
            return []
        contents = node.get("content", {})
        here = [(f"{where} {kind}", content.get("schema"), examples(content)) for kind, content in contents.items()]
        return here + [one for name, child in node.items() for one in found(f"{where}/{name}", child)]

    return found("", DOCUMENT["paths"]) + found("", DOCUMENT["components"]["responses"])


def examples(content: dict[str, Any]) -> dict[str, Any]:
    if "example" in content:
        return {"example": content["example"]}
    named = content.get("examples", {})
    shared = DOCUMENT["components"]["examples"]
    return {
        name: (shared[example["$ref"].rpartition("/")[2]] if "$ref" in example else example)["value"]
        for name, example in named.items()
    }


@pytest.mark.parametrize(
    ("schema", "shown"), [(schema, shown) for _, schema, shown in media()], ids=[w for w, *_ in media()]
)
def test_every_content_has_examples_that_fit_its_schema(schema: Any, shown: dict[str, Any]) -> None:
    """Every content has valid examples, except the viewer's files, which have no schema."""
    assert shown or schema is None
    if schema is not None:
        validator = jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]}, validate_formats=True)
        for example in shown.values():
            validator.validate(example)
