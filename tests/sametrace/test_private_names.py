"""The private names of other packages that sametrace uses: a list, and a test of each that fails when it has moved."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
import rollbar
import sametrace
from aws_xray_sdk.core.models.segment import Segment
from flask import Flask

SOURCE = Path(sametrace.__file__).parent
USED = {
    # What X-Ray's SDK marks an exception with. It is taken off, or else one that is raised again, as by a cache, would
    # point into the trace of the first request. There is no other way to record it twice.
    ("xray/instrumentation.py", "_recorded"),
    # The SDK's scrubbing, which walks through an item several times; what redacts it is core's.
    ("rollbar/__init__.py", "_transforms"),
    # Private by its name alone: Flask's documentation has it for signals.
    ("core/wsgi.py", "_get_current_object"),
    # Also by its name alone: Python's documentation has this module, "Low-level threading API".
    ("sigterm.py", "_thread"),
}
BY_NAME = {"getattr", "setattr", "hasattr", "delattr", "get", "pop", "setdefault"}  # functions that take one as a text
FOR_TYPES = "_typeshed"  # imported for the type checker alone


def test_the_list_is_complete() -> None:
    """Neither an attribute, nor a module, nor a name in a text is used that it leaves out, and none is gone."""
    found = {
        (str(path.relative_to(SOURCE)), name)
        for path in SOURCE.rglob("*.py")
        for name in private_names(ast.parse(path.read_text()))
    }
    assert found == USED


def private_names(tree: ast.Module) -> Iterator[str]:
    """Those that are not the module's own: of what is neither self nor cls, and of other modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in {"self", "cls", "super()"}:
            yield from filter(is_private, [node.attr])
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(FOR_TYPES):
            yield from filter(is_private, [*node.module.split("."), *(alias.name for alias in node.names)])
        elif isinstance(node, ast.Import):
            yield from filter(is_private, [part for alias in node.names for part in alias.name.split(".")])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BY_NAME:
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            yield from (text for text in texts if isinstance(text, str) and is_private(text))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("span._attributes", ["_attributes"]),
        ("self._span._end()", ["_end"]),
        ("self._span.end(); cls._made; super()._begin()", []),
        ("vars(error).pop('_recorded', None)", ["_recorded"]),
        ("getattr(span, '_x')", ["_x"]),
        ("from opentelemetry.sdk._logs import x", ["_logs"]),
        ("from opentelemetry.sdk import _logs", ["_logs"]),
        ("import a._b.c", ["_b"]),
        ("from _typeshed.wsgi import x; a.__dict__", []),
    ],
)
def test_what_the_list_is_compared_with(code: str, names: list[str]) -> None:
    assert list(private_names(ast.parse(code))) == names


def test_x_rays_mark_on_an_exception() -> None:
    """The second segment would have a reference to the first in place of the exception."""
    error = LookupError("nothing there")
    first, second = Segment("first"), Segment("second")
    first.add_exception(error, [])
    assert vars(error)["_recorded"] is True
    second.add_exception(error, [])
    assert isinstance(second.cause, str)

    del error._recorded  # type: ignore[attr-defined]
    third = Segment("third")
    third.add_exception(error, [])
    assert third.cause["exceptions"][0].message == "nothing there"


def test_the_request_behind_flasks_proxy() -> None:
    app = Flask(__name__)
    with app.test_request_context("/a"):
        assert type(flask.request._get_current_object()) is app.request_class  # type: ignore[attr-defined]


def test_rollbars_list_of_transforms() -> None:
    """The SDK fills it in init(), and reads it for each item."""
    assert isinstance(rollbar._transforms, list)
    assert "_transforms" in inspect.getsource(rollbar.init)


def classes() -> list[type]:
    modules = pkgutil.walk_packages(sametrace.__path__, "sametrace.")
    found = [
        each
        for module in [importlib.import_module(module.name) for module in modules]
        for each in vars(module).values()
        if inspect.isclass(each) and each.__module__ == module.__name__
    ]
    return [each for each in found if bases(each)]


def bases(each: type) -> list[type]:
    """Those from other packages that are written in Python."""
    return [
        base
        for base in each.__mro__[1:]
        if not base.__module__.startswith(("sametrace", "builtins", "typing", "_", "enum")) and has_source(base)
    ]


def has_source(each: type) -> bool:
    try:
        return bool(inspect.getsource(each))
    except (OSError, TypeError):
        return False


@pytest.mark.parametrize("each", classes(), ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_no_private_name_of_ours_is_one_of_a_base_class(each: type) -> None:
    """It would take the place of the other, unseen, as soon as the SDK has one of that name."""
    ours = {
        name for kind in each.__mro__ if kind.__module__.startswith("sametrace") for name in own_private_names(kind)
    }
    theirs = {name for base in bases(each) for name in own_private_names(base)}
    assert ours & theirs == set()


def own_private_names(kind: type) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    attributes: list[Any] = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    of_self = {node.attr for node in attributes if ast.unparse(node.value) == "self"}
    return {name for name in of_self | vars(kind).keys() if is_private(name) and not name.startswith("_abc_")}
