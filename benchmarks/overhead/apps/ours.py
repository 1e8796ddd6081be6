"""The API as it is, with one route more that fails."""

import telemetry
from app import create_app
from overhead.apps.bare import fail

app = create_app()
app.add_url_rule("/api/failing", view_func=fail)
telemetry.start()
finish = telemetry.stop
