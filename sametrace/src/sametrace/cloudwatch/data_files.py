"""botocore's descriptions of AWS's services, in less memory."""

import gzip
from pathlib import Path
from typing import Any

import orjson
from botocore.loaders import JSONFileLoader, Loader

ENDPOINTS, PARTITIONS = f"{Loader.BUILTIN_DATA_PATH}/endpoints", f"{Loader.BUILTIN_DATA_PATH}/partitions"


class DataFiles(JSONFileLoader):
    """Loads the files as plain dicts, and makes endpoints.json from partitions.json.

    botocore makes ordered dicts, which it doesn't need: dicts have an order, too. A client keeps what is loaded, and
    ordered dicts take 4 MiB more. endpoints.json takes another 6 MiB, and a request needs none of it, because its
    endpoint comes from the service's own rules.
    """

    def load_file(self, file_path: str) -> Any:
        """Return the content, or None if there is no such file.

        file_path: without its ending
        """
        if file_path == ENDPOINTS:
            return {"partitions": [endpoints_of(partition) for partition in self.load_file(PARTITIONS)["partitions"]]}
        plain, compressed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return orjson.loads(plain.read_bytes())
        return orjson.loads(gzip.decompress(compressed.read_bytes())) if compressed.is_file() else None


def endpoints_of(partition: dict[str, Any]) -> dict[str, Any]:
    """Return a partition's part of endpoints.json, with its defaults and no service.

    partition: its part of partitions.json
    """
    name, fips = "{service}.{region}.{dnsSuffix}", "{service}-fips.{region}.{dnsSuffix}"
    dual_stack = {"dnsSuffix": partition["outputs"]["dualStackDnsSuffix"]}
    return {
        "partition": partition["id"],
        "dnsSuffix": partition["outputs"]["dnsSuffix"],
        "regionRegex": partition["regionRegex"],
        "regions": partition["regions"],
        "services": {},
        "defaults": {
            "hostname": name,
            "protocols": ["https"],
            "signatureVersions": ["v4"],
            "variants": [
                {"tags": ["fips"], "hostname": fips},
                {"tags": ["dualstack"], "hostname": name} | dual_stack,
                {"tags": ["dualstack", "fips"], "hostname": fips} | dual_stack,
            ],
        },
    }
