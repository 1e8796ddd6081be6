"""Measure X-Ray's SDK when it begins and ends a segment.

See docs/upstream/segment-metadata.md.
"""

import copy
from typing import Any

from aws_xray_sdk.core import recorder, xray_recorder

from upstream.comparison import compare, report


class NoEmitter:
    def send_entity(self, entity: object) -> None: ...

    def set_daemon_address(self, address: str) -> None: ...


class TwoLevels:
    """Replaces the module copy.

    It copies two levels, because set_rule_name() changes a part of the second.
    """

    @staticmethod
    def deepcopy(metadata: dict[str, Any]) -> dict[str, Any]:
        return {name: dict(part) if isinstance(part, dict) else part for name, part in metadata.items()}


def use_stock() -> None:
    recorder.copy = copy


def use_two_levels() -> None:
    recorder.copy = TwoLevels


def begin_and_end() -> None:
    xray_recorder.begin_segment("shop")
    xray_recorder.end_segment()


def main() -> None:
    xray_recorder.configure(service="shop", sampling=False, emitter=NoEmitter(), context_missing="IGNORE_ERROR")
    report(compare(begin_and_end, {"stock": use_stock, "patched": use_two_levels}))


if __name__ == "__main__":
    main()
