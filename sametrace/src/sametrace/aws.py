"""Code that AWS's services share.

It has the settings that botocore also reads, and the pages of AWS's console.
"""

from collections.abc import Mapping
from urllib.parse import quote

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def region(environ: Mapping[str, str]) -> str | None:
    return environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")


def keys(environ: Mapping[str, str]) -> list[str]:
    return [environ.get(name, "") for name in KEYS]


def page(region: str | None, fragment: str) -> str:
    """Return a page of CloudWatch's console, or "" without a region."""
    if not region:
        return ""
    region = quote(region, safe="")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}{fragment}"
