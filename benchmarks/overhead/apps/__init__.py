"""The measured apps.

Each has `app`, a WSGI application, and finish(), which sends the telemetry in the queues.
"""
