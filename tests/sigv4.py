"""Check AWS's Signature Version 4, written from AWS's description and without botocore's code.

Source: "Create a signed AWS API request" in the IAM user guide.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 "
    r"Credential=(?P<key>[^/]+)/(?P<scope>(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request), ?"
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class NotSigned(Exception):
    """The request isn't signed as its receiver expects. The message names the difference."""


def check(
    path: str, headers: Mapping[str, str], body: bytes, *, secret: str, key: str, region: str, service: str
) -> set[str]:
    """Return the names of the signed headers of a POST. Raise NotSigned.

    path: of lower-case letters, digits and slashes only, without a query
    """
    named = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    parts = AUTHORIZATION.fullmatch(named.get("authorization", ""))
    if parts is None:
        raise NotSigned(f"Authorization is {named.get('authorization')!r}")
    if (parts["key"], parts["region"], parts["service"]) != (key, region, service):
        raise NotSigned(f"signed by {parts['key']} for {parts['service']} in {parts['region']}")
    signed = parts["signed"].split(";")
    if not {"host", "x-amz-date"} <= set(signed) <= set(named) or signed != sorted(signed):
        raise NotSigned(f"the headers {signed} are signed, of {sorted(named)}")
    if not named["x-amz-date"].startswith(parts["day"]):
        raise NotSigned(f"on {named['x-amz-date']}, with a key of {parts['day']}")
    canonical = "\n".join(
        ["POST", path, "", *(f"{name}:{named[name]}" for name in signed), "", parts["signed"], _sha256(body)]
    )
    to_sign = "\n".join(["AWS4-HMAC-SHA256", named["x-amz-date"], parts["scope"], _sha256(canonical.encode())])
    derived = f"AWS4{secret}".encode()
    for step in parts["scope"].split("/"):
        derived = hmac.digest(derived, step.encode(), "sha256")
    if hmac.digest(derived, to_sign.encode(), "sha256").hex() != parts["signature"]:
        raise NotSigned("the signature isn't that of this request")
    return set(signed)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
