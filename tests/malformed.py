"""Input that every receiver refuses as JSON, and JSON without meaning for hypothesis."""

from hypothesis import strategies as st

NOT_JSON = {
    "empty": b"",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "cut off": b'{"a": [1, 2',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a number beyond a double": b'{"a": 1e999}',
    "a number of 5000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "nested too deep to read": b'{"a":' * 100_000,
    "nested too deep to use": b'{"a":' * 101 + b"1" + b"}" * 101,
    "lists nested too deep": b"[" * 5000 + b"]" * 5000,
    "half a surrogate pair": b'{"a": "\\ud83d"}',
    "half a surrogate pair for a name": b'{"\\udc00": 1}',
    "a list": b"[]",
    "a string": b'"a"',
    "null": b"null",
}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def json_values(*names: str) -> st.SearchStrategy[object]:
    """Return any JSON in which objects have these names, a protocol's own, at any place and with any value."""
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=5),
    )
