"""The bare app with the lines that set sametrace up.

It shows what an app that adopts the library pays.
"""

from sametrace import Telemetry
from sametrace.cloudwatch import CloudWatchLogs
from sametrace.honeycomb import Honeycomb
from sametrace.rollbar import Rollbar
from sametrace.xray import XRay

from overhead.apps import bare

app = bare.app
telemetry = Telemetry(Honeycomb(), XRay(), CloudWatchLogs(log_group="shop"), Rollbar(), service_name="shop")
telemetry.init_app(app)
telemetry.start()
finish = telemetry.stop
