"""A subsegment for each template that an app renders."""

from typing import TYPE_CHECKING, Any

from aws_xray_sdk.core.recorder import AWSXRayRecorder
from flask import Flask, before_render_template, template_rendered
from jinja2 import Template

if TYPE_CHECKING:
    from sametrace.extension import Telemetry


def trace_templates(recorder: AWSXRayRecorder, telemetry: "Telemetry") -> None:
    """Make a subsegment for each template that these apps render.

    It works around XRayMiddleware, which patches Flask for every app of the process, and raises if a template is
    rendered outside a segment.
    """

    def begin(app: Flask, template: Template, **__: Any) -> None:
        if app.extensions.get("sametrace") is telemetry and recorder.get_trace_entity():
            recorder.begin_subsegment(template.name or "template")

    def end(app: Flask, template: Template, **__: Any) -> None:
        subsegment = recorder.current_subsegment() if app.extensions.get("sametrace") is telemetry else None
        if subsegment and subsegment.name == (template.name or "template"):
            recorder.end_subsegment()

    before_render_template.connect(begin, weak=False)
    template_rendered.connect(end, weak=False)
