"""botocore's descriptions of AWS's services, in less memory."""

import gzip
from pathlib import Path
from typing import Any

import orjson
from botocore.loaders import JSONFileLoader


class DataFiles(JSONFileLoader):
    """Loads the files as plain dicts.

    botocore makes ordered dicts, which it doesn't need: dicts have an order, too. A client keeps what is loaded, and
    ordered dicts take 4 MiB more.
    """

    def load_file(self, file_path: str) -> Any:
        """Return the content, or None if there is no such file.

        file_path: without its ending
        """
        plain, compressed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return orjson.loads(plain.read_bytes())
        return orjson.loads(gzip.decompress(compressed.read_bytes())) if compressed.is_file() else None
