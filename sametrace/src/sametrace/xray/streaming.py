"""How subsegments leave before their segment, where it has many."""

import threading
from collections.abc import Callable

from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.streaming.default_streaming import DefaultStreaming


class Streaming(DefaultStreaming):
    """Works around the stock one, which writes subsegments, and so calls what a service put there, while it holds a
    lock; and which waits for that lock, though it may be its own thread's, while garbage is collected. What is not
    streamed now is with the next subsegment, or in the segment.
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
    """Take the subsegments that ended, and all in them, out of one that has not. Return whether this one has."""
    ended = [child for child in list(entity.subsegments) if take_ended(child, ready)]
    if len(ended) == len(entity.subsegments) and not entity.in_progress:
        return True
    for child in ended:
        ready.append(child)
        entity.remove_subsegment(child)
    return False
