"""The apps that are measured: each has `app`, a WSGI application, and finish(), which sends what waits."""
