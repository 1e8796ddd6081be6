"""The API without sametrace, under `opentelemetry-instrument`."""

from overhead.apps.api_alone import app
from overhead.apps.zero_code import finish

__all__ = ["app", "finish"]
