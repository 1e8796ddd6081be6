"""One trace id at all four vendors, for any Flask app.

The vendors are Honeycomb, AWS X-Ray, CloudWatch Logs and Rollbar. To set up two of them:

from sametrace import Telemetry
from sametrace.honeycomb import Honeycomb
from sametrace.rollbar import Rollbar

telemetry = Telemetry(Honeycomb(), Rollbar())
telemetry.init_app(app)
"""

from sametrace.core.identity import identify
from sametrace.core.trace_id import current_trace_id
from sametrace.extension import Telemetry
from sametrace.extras import MissingExtra
from sametrace.settings import SettingError
from sametrace.vendor import Vendor

__all__ = ["MissingExtra", "SettingError", "Telemetry", "Vendor", "current_trace_id", "identify"]
