"""A missing SDK is reported with the extra that installs it."""

import re
import sys

import pytest
from flask import Flask
from sametrace import MissingExtra, Telemetry
from sametrace.xray import XRay


@pytest.mark.parametrize(
    ("extra", "hint"),
    [
        ("honeycomb", "which sametrace.honeycomb needs: pip install 'sametrace[honeycomb]'"),
        ("xray-otlp", "which sametrace.xray needs: pip install 'sametrace[xray-otlp]'"),
    ],
)
def test_an_sdk_that_is_not_installed(extra: str, hint: str) -> None:
    """A missing SDK is reported with its package, and the command to type."""
    error = MissingExtra(extra, ImportError("No module named 'watchtower'", name="watchtower"))
    assert str(error) == f"watchtower is not installed, {hint}"


@pytest.mark.usefixtures("nothing_wired", "unset")
def test_x_ray_over_otlp_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OpenTelemetry, X-Ray over OTLP names the extra to install."""
    for name in [name for name in sys.modules if name == "sametrace.xray.otlp" or name.startswith("opentelemetry.sdk")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(MissingExtra, match=re.escape("pip install 'sametrace[xray-otlp]'")):
        Telemetry(XRay(exporter="otlp")).init_app(Flask(__name__))
