"""The segment is XRayMiddleware's, but for what it is there to mend."""

from typing import Any

import pytest
from aws_xray_sdk.core import AWSXRayRecorder
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask

from config import Settings
from requests_of_all_kinds import KINDS, Kind, answered
from telemetry import xray_flask
from telemetry.health import VendorHealth


@pytest.mark.parametrize("pattern", [None, "*4567-*.gitpod.io*"], ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_same_as_the_stock_segment(kind: Kind, pattern: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ours has besides is the annotation that the group goes by. A path is the route's pattern in ours; and an
    exception's stack is the exception's.
    """

    def instrument(app: Flask) -> None:
        monkeypatch.setattr(xray_flask, "xray_recorder", recorder)
        xray_flask.SegmentMiddleware(app, Settings(), VendorHealth("X-Ray", on=True, detail=""))

    recorder, sent = a_recorder(pattern)
    stock_status = answered(lambda app: XRayMiddleware(app, recorder), kind)
    status = answered(instrument, kind)

    assert status == stock_status
    stock, ours = (facts(entity) for entity in sent)
    path = kind.path.partition("?")[0]
    assert stock["http"]["request"].pop("url").endswith(path)
    assert ours["http"]["request"].pop("url").endswith("<handle>" if "users" in path else ("", path[:7]))
    assert ours.pop("annotations") == {"application": "cruddur"}
    assert ours == stock


def a_recorder(pattern: str | None) -> tuple[AWSXRayRecorder, list[Entity]]:
    """One that samples all, and where what it sends is put."""
    sent: list[Entity] = []

    class Emitter:
        def send_entity(self, entity: Entity) -> None:
            sent.append(entity)

    recorder = AWSXRayRecorder()
    recorder.emitter._socket.close()
    everything: dict[str, Any] = {"version": 2, "rules": [], "default": {"fixed_target": 0, "rate": 1}}
    recorder.configure(
        service="backend-flask", dynamic_naming=pattern, sampling_rules=everything, emitter=Emitter(), sampling=True
    )
    recorder.sampler._started = True  # no daemon to be asked
    return recorder, sent


def facts(entity: Entity) -> dict[str, Any]:
    """All but the ids, the times and the stack."""
    document: dict[str, Any] = entity.to_dict()
    for name in ("id", "trace_id", "parent_id", "start_time", "end_time"):
        document.pop(name, None)
    for exception in document.get("cause", {}).get("exceptions", []):
        del exception["id"], exception["stack"]
    return document
