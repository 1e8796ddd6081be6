"""Each template has a subsegment in apps with telemetry, and in no other app of the process."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, before_render_template, render_template_string, template_rendered
from sametrace import Telemetry
from sametrace.xray.templates import trace_templates


@pytest.mark.parametrize(("instrumented", "names"), [(True, ["template"]), (False, [])])
def test_whose_templates(
    recorded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, instrumented: bool, names: list[str]
) -> None:
    for signal in (before_render_template, template_rendered):  # the test's connections end with it
        monkeypatch.setattr(signal, "receivers", {})
        monkeypatch.setattr(signal, "_by_sender", signal._by_sender.copy())
    app, telemetry, kept = Flask("shop"), Telemetry(), recorded()
    if instrumented:
        app.extensions["sametrace"] = telemetry
    trace_templates(kept.recorder, telemetry)

    segment = kept.recorder.begin_segment("request", sampling=True)
    with app.app_context():
        assert render_template_string("{{ 6 * 7 }}") == "42"
    kept.recorder.end_segment()

    assert [subsegment.name for subsegment in segment.subsegments] == names
