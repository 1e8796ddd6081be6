"""Requests to AWS X-Ray are signed without a daemon."""

import pytest
import requests
from botocore.exceptions import InvalidRegionError, NoCredentialsError
from sametrace.xray.rules import RulesClient
from sametrace.xray.signing import NotSigned, Signature, endpoint

import sigv4


@pytest.fixture
def credentials(unset: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    unset.setenv("AWS_ACCESS_KEY_ID", "dummy")
    unset.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    return unset


def prepared(signature: Signature) -> requests.PreparedRequest:
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", "Accept": "*/*"}
    return requests.Request("POST", "https://xray.example/v1/traces", headers, data=b"spans", auth=signature).prepare()


@pytest.mark.usefixtures("credentials")
def test_a_request_is_signed() -> None:
    """A request is signed for X-Ray in its region, without headers that AWS does not need."""
    request = prepared(Signature("eu-central-1"))

    headers = {"Host": "xray.example", **request.headers}
    whose = {"secret": "dummy", "key": "dummy", "region": "eu-central-1", "service": "xray"}
    assert {"content-type", "content-encoding"} <= sigv4.check("/v1/traces", headers, b"spans", **whose)
    assert "Accept" not in request.headers


def test_the_certificates_to_trust(credentials: pytest.MonkeyPatch) -> None:
    """The rules are requested with the certificates that AWS's own variable names."""
    signature = Signature("eu-central-1")
    assert signature.certificates is None
    credentials.setenv("AWS_CA_BUNDLE", "/nowhere/certificates.pem")
    signature = Signature("eu-central-1")
    assert signature.certificates == "/nowhere/certificates.pem"
    with pytest.raises(OSError, match="invalid path: /nowhere/certificates"):
        RulesClient("https://127.0.0.1:9", signature).get_sampling_rules()


def test_without_credentials_nothing_is_sent(unset: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Without credentials, the error says so, and the next request looks for them again."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        unset.setenv(name, f"{tmp_path}/none")
    unset.setenv("AWS_EC2_METADATA_DISABLED", "true")
    signature = Signature("eu-central-1")
    with pytest.raises(NotSigned, match="a request can't be signed: NoCredentialsError") as not_signed:
        prepared(signature)
    assert isinstance(not_signed.value.__cause__, NoCredentialsError)

    unset.setenv("AWS_ACCESS_KEY_ID", "dummy")
    unset.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    assert "Authorization" in prepared(signature).headers


@pytest.mark.usefixtures("unset")
def test_x_rays_address_in_a_region() -> None:
    """The region's address comes from botocore, and no credentials are looked for."""
    assert endpoint("eu-central-1") == "https://xray.eu-central-1.amazonaws.com"
    assert endpoint("cn-north-1") == "https://xray.cn-north-1.amazonaws.com.cn"
    with pytest.raises(InvalidRegionError):
        endpoint("no region")
