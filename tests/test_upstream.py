"""The patches that docs/upstream/ proposes behave as the SDKs' own code."""

from typing import Any

import pytest
from aws_xray_sdk.core.recorder import XRAY_META
from opentelemetry.attributes import BoundedAttributes

from upstream import segment_metadata, span_attributes
from upstream.comparison import compare

PLAIN = {"text": "a", "number": 1, "real": 0.5, "flag": True}


@pytest.mark.parametrize(
    ("limits", "attributes"),
    [
        ({}, PLAIN),
        ({}, {"list": [1, 2], "nothing": None, "bytes": b"a", "nested": {"a": {"b": 1}}, "": 1, 5: "five"}),
        ({}, {"before": "replaced", "text": "a"}),
        ({"maxlen": 2}, PLAIN),
        ({"maxlen": 0}, PLAIN),
        ({"max_value_len": 3}, {"long": "abcdef", "short": "abc"}),
    ],
)
def test_attributes_are_as_the_sdk_keeps_them(limits: dict[str, int], attributes: dict[Any, Any]) -> None:
    """Attributes are kept in the same order, and cleaned and dropped alike."""
    kept = []
    for way in (span_attributes.stock, span_attributes.set_items):
        bounded = BoundedAttributes(attributes={"before": 0}, immutable=False, **limits)  # type: ignore[arg-type]
        way(bounded, attributes)
        kept.append((list(bounded.items()), bounded.dropped))

    assert kept[0] == kept[1]


def test_immutable_attributes_stay_so() -> None:
    """Immutable attributes raise the SDK's own error."""
    with pytest.raises(TypeError, match="immutable"):
        span_attributes.set_items(BoundedAttributes(attributes={"a": 1}), PLAIN)


def test_a_segment_can_change_its_metadata_alone() -> None:
    """A segment's sampling rule name, which the SDK writes into its metadata, reaches no other segment."""
    copied = segment_metadata.TwoLevels.deepcopy(XRAY_META)
    copied["xray"]["sampling_rule_name"] = "one"

    assert "sampling_rule_name" not in XRAY_META["xray"]
    assert copied == {**XRAY_META, "xray": {**XRAY_META["xray"], "sampling_rule_name": "one"}}


def test_both_ways_are_measured() -> None:
    """Both implementations are measured, each after its switch."""
    used: list[str] = []
    found = compare(lambda: None, {"one": lambda: used.append("one"), "other": lambda: used.append("other")})

    assert found.keys() == {"one", "other"}
    assert used[:4] == ["one", "other"] * 2
