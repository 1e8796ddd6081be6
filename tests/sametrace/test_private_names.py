"""sametrace's uses of private names are listed, and a test of each fails when it has moved."""

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
    # The mark of X-Ray's SDK on an exception is removed. Otherwise one that is raised again, as by a cache, would refer
    # to the first request's trace. No other way records it twice.
    ("xray/instrumentation.py", "_recorded"),
    # The SDK's scrubbing walks through an item several times. core redacts it instead.
    ("rollbar/__init__.py", "_transforms"),
    # Private by name only: Flask documents it for signals.
    ("core/flask_hooks.py", "_get_current_object"),
    # Private by name only: Python documents this module, "Low-level threading API".
    ("sigterm.py", "_thread"),
}
# functions that take a name as a string
BY_NAME = {"getattr", "setattr", "hasattr", "delattr", "get", "pop", "setdefault"}
FOR_TYPES = "_typeshed"  # imported for the type checker only


def test_the_list_is_complete() -> None:
    """The list has every private attribute, module and name in a string, and none that is unused."""
    found = {
        (str(path.relative_to(SOURCE)), name)
        for path in SOURCE.rglob("*.py")
        for name in private_names(ast.parse(path.read_text()))
    }
    assert found == USED


def private_names(tree: ast.Module) -> Iterator[str]:
    """Return the private names of other objects (not self or cls) and other modules."""
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
def test_the_search_for_private_names(code: str, names: list[str]) -> None:
    assert list(private_names(ast.parse(code))) == names


def test_x_rays_mark_on_an_exception() -> None:
    """Otherwise the second segment would refer to the first instead of having the exception."""
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
    """The SDK fills the list in init(), and reads it for each item."""
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
    """Return the base classes from other packages that are written in Python."""
    return [
        base
        for base in each.__mro__[1:]
        if not base.__module__.startswith(("sametrace", "builtins", "typing", "_", "enum")) and has_source(base)
    ]


def has_source(each: type) -> bool:
    try:
        return bool(inspect.getsourcefile(each))
    except TypeError:  # written in C
        return False


@pytest.mark.parametrize("each", classes(), ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_no_private_name_of_ours_is_one_of_a_base_class(each: type) -> None:
    """No private name hides one of a base class, which would silently replace it."""
    ours = {
        name for kind in each.__mro__ if kind.__module__.startswith("sametrace") for name in own_private_names(kind)
    }
    theirs = {name for base in bases(each) for name in own_private_names(base)}
    assert ours & theirs == set()


def own_private_names(kind: type) -> set[str]:
    try:
        source = inspect.getsource(kind)
    except OSError:  # a class in C, such as deque
        source = ""
    tree = ast.parse(textwrap.dedent(source))
    attributes: list[Any] = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    of_self = {node.attr for node in attributes if ast.unparse(node.value) == "self"}
    return {name for name in of_self | vars(kind).keys() if is_private(name) and not name.startswith("_abc_")}
