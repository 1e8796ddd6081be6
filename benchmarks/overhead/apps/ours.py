"""The API, with one more route, which fails."""

from app import create_app
from overhead.apps.bare import fail

app = create_app()
app.add_url_rule("/api/failing", view_func=fail)
telemetry = app.extensions["sametrace"]
telemetry.start()
finish = telemetry.stop
