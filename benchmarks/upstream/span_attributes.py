"""Measure OpenTelemetry's SDK when it begins and ends a span.

The span has ten attributes. See docs/upstream/span-attributes.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import TracerProvider

from upstream.comparison import compare, report

ATTRIBUTES: dict[str, str | int] = {
    "http.request.method": "GET",
    "url.scheme": "http",
    "server.address": "localhost:4567",
    "server.port": 4567,
    "client.address": "127.0.0.1",
    "network.protocol.version": "1.1",
    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "url.path": "/api/activities/home",
    "http.route": "/api/activities/home",
    "http.response.status_code": 200,
}
PLAIN = {bool, int, float, str}

stock: Callable[[Any, Mapping[str, Any]], None] = BoundedAttributes._set_items


def set_items(self: Any, attributes: Mapping[str, Any]) -> None:
    """Keep attributes that need no cleaning unchanged.

    All others go to the SDK's own method.
    """
    most = self.max_value_len
    if (
        not self._immutable
        and (self.maxlen is None or len(self._dict) + len(attributes) <= self.maxlen)
        and self._dict.keys().isdisjoint(attributes)
        and all(
            name.__class__ is str
            and name
            and value.__class__ in PLAIN
            and (most is None or value.__class__ is not str or len(value) <= most)
            for name, value in attributes.items()
        )
    ):
        with self._lock:
            self._dict.update(attributes)
    else:
        stock(self, attributes)


def use(way: Callable[[Any, Mapping[str, Any]], None]) -> Callable[[], None]:
    return lambda: setattr(BoundedAttributes, "_set_items", way)


def main() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer(__name__)
    report(
        compare(
            lambda: tracer.start_span("GET", attributes=ATTRIBUTES).end(),
            {"stock": use(stock), "patched": use(set_items)},
        )
    )


if __name__ == "__main__":
    main()
