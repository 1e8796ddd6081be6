"""The API without one of the parts that only save time: the one that WITHOUT names."""

import os

from overhead.parts import PARTS

next(part for part in PARTS if part.name == os.environ["WITHOUT"]).use_stock()

from overhead.apps.ours import app, finish  # noqa: E402 - the part has to be replaced first

__all__ = ["app", "finish"]
