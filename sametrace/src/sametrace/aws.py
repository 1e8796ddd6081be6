"""Code that AWS's services share.

It has the settings that botocore also reads, and the pages of AWS's console.
"""

from collections.abc import Mapping
from urllib.parse import quote

from sametrace.settings import SettingError

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# Keys are the names of botocore's exceptions, whose messages name no variable.
MEANT = {
    "ProfileNotFound": "AWS_PROFILE (`aws configure list-profiles` shows what it may be)",
    "ConfigParseError": "the file that AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE names",
    "InvalidRetryModeError": "AWS_RETRY_MODE",
    "InvalidMaxRetryAttemptsError": "AWS_MAX_ATTEMPTS",
    "ValueError": "AWS_MAX_ATTEMPTS",
    "InvalidDefaultsMode": "AWS_DEFAULTS_MODE",
    "InvalidSTSRegionalEndpointsConfigError": "AWS_STS_REGIONAL_ENDPOINTS",
}


def region(environ: Mapping[str, str]) -> str | None:
    return environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")


def keys(environ: Mapping[str, str]) -> list[str]:
    return [environ.get(name, "") for name in KEYS]


def unusable(error: Exception) -> SettingError:
    """Return the error to raise when botocore can't create a client."""
    meant = MEANT.get(type(error).__name__, "a variable of AWS's own")
    return SettingError(f"{meant}, or the same setting in ~/.aws, can't be used: {error}")


def page(region: str | None, fragment: str) -> str:
    """Return a page of CloudWatch's console, or "" without a region."""
    if not region:
        return ""
    region = quote(region, safe="")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}{fragment}"
