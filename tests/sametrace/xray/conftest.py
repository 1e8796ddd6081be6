"""A recorder for tests of single parts. X-Ray's SDK has one per process, and these tests have their own."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_xray_sdk.core import AWSXRayRecorder
from aws_xray_sdk.core.models.entity import Entity
from sametrace.xray.context import RequestContext
from sametrace.xray.rules import clients_of_daemon
from sametrace.xray.streaming import Streaming

EVERYTHING: dict[str, Any] = {"version": 2, "rules": [], "default": {"fixed_target": 0, "rate": 1}}


class Recorded:
    """A recorder whose segments are in `sent`."""

    def __init__(self, **configured: Any) -> None:
        self.sent: list[Entity] = []
        with clients_of_daemon():  # botocore's, which the SDK makes three times, would take most of a test's time
            self.recorder = AWSXRayRecorder()
            self.recorder.emitter._socket.close()  # the SDK opens it
            self.recorder.configure(
                service="shop",
                emitter=self,
                context=RequestContext(),
                streaming=Streaming(),
                sampling_rules=EVERYTHING,
                sampling=False,
                **configured,
            )

    def send_entity(self, entity: Entity) -> None:
        self.sent.append(entity)

    def set_daemon_address(self, address: str) -> None:
        """Ignore the address."""

    @property
    def names(self) -> list[str]:
        return [entity.name for entity in self.sent]


@pytest.fixture
def recorded() -> Callable[..., Recorded]:
    return Recorded
