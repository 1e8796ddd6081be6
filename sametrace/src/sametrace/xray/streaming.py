"""Send subsegments before their segment, if it has many."""

import threading
from collections.abc import Callable

from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.streaming.default_streaming import DefaultStreaming


class Streaming(DefaultStreaming):
    """Sends ended subsegments early.

    It works around DefaultStreaming, which encodes subsegments, and so calls what a service put there, while it holds a
    lock; and which waits for that lock even if its own thread holds it, during garbage collection. What is not streamed
    now leaves with the next subsegment, or with the segment.
    """

    def __init__(self) -> None:
        super().__init__()
        self._looking = threading.Lock()

    def stream(self, entity: Entity, callback: Callable[[Entity], None]) -> None:
        if not self._looking.acquire(blocking=False):
            return
        ready: list[Entity] = []
        try:
            take_ended(entity, ready)
        finally:
            self._looking.release()
        for subsegment in ready:
            callback(subsegment)


def take_ended(entity: Entity, ready: list[Entity]) -> bool:
    """Remove the ended subsegments from an entity that has not ended.

    An ended subsegment is removed with everything in it.

    ready: the list to which they are added

    Returns whether the entity has ended, with everything in it.
    """
    ended = [child for child in list(entity.subsegments) if take_ended(child, ready)]
    if len(ended) == len(entity.subsegments) and not entity.in_progress:
        return True
    for child in ended:
        ready.append(child)
        entity.remove_subsegment(child)
    return False
