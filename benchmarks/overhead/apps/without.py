"""The API without one of the parts that only save time.

The variable WITHOUT names the part.
"""

import os

from overhead.parts import PARTS

next(part for part in PARTS if part.name == os.environ["WITHOUT"]).use_stock()

from overhead.apps.ours import app, finish  # noqa: E402 - the part is replaced before the import

__all__ = ["app", "finish"]
