"""The signature check accepts a signature that AWS published, and no other."""

import pytest

import sigv4

# From AWS's Signature Version 4 test suite, "post-vanilla".
KEY = {
    "key": "AKIDEXAMPLE",
    "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "region": "us-east-1",
    "service": "service",
}
SIGNATURE = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
HEADERS = {
    "Host": "example.amazonaws.com",
    "X-Amz-Date": "20150830T123600Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={SIGNATURE}",
}


def test_a_signature_that_aws_published() -> None:
    """The published signature matches its request."""
    assert sigv4.check("/", HEADERS, b"", **KEY) == {"host", "x-amz-date"}


@pytest.mark.parametrize(
    ("path", "headers", "body", "key"),
    [
        ("/other", {}, b"", {}),
        ("/", {}, b"other", {}),
        ("/", {"Host": "other.amazonaws.com"}, b"", {}),
        ("/", {"X-Amz-Date": "20150830T123601Z"}, b"", {}),
        ("/", {"X-Amz-Date": "20150831T123600Z"}, b"", {}),
        ("/", {"Authorization": ""}, b"", {}),
        ("/", {"Authorization": HEADERS["Authorization"].replace("host;", "")}, b"", {}),
        ("/", {}, b"", {"secret": "other"}),
        ("/", {}, b"", {"key": "OTHER"}),
        ("/", {}, b"", {"region": "us-west-2"}),
        ("/", {}, b"", {"service": "xray"}),
    ],
)
def test_another_request_or_another_key(path: str, headers: dict[str, str], body: bytes, key: dict[str, str]) -> None:
    """The signature does not match if any part of the request or the key differs."""
    with pytest.raises(sigv4.NotSigned):
        sigv4.check(path, {**HEADERS, **headers}, body, **{**KEY, **key})
