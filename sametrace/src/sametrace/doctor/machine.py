"""What may be wrong on this machine: its clock, and the API's port."""

import http.client
import json

from doctor.examination import Examination

API = ("127.0.0.1", 4567)  # gunicorn.conf.py has it
TIMEOUT = 2
# AWS refuses a request's signature from here on.
MAX_SKEW_SECONDS = 300


def clock_fault(vendors: list[Examination]) -> str | None:
    for vendor in vendors:
        if vendor.skew_seconds is not None and abs(vendor.skew_seconds) > MAX_SKEW_SECONDS:
            side = "ahead of" if vendor.skew_seconds > 0 else "behind"
            return (
                f"This machine's clock is {abs(vendor.skew_seconds) / 60:.0f} minutes {side} that of {vendor.vendor}: "
                "set it, by NTP if it can be (timedatectl set-ntp true). AWS takes 5 minutes at the most."
            )
    return None


def port_fault() -> str | None:
    """Of the API's port: free, or the API's own, or another program's."""
    host, port = API
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.connect()
    except OSError:
        return None
    try:
        connection.request("GET", "/api/health")
        health = json.loads(connection.getresponse().read(65536))
        ours = isinstance(health, dict) and "vendors" in health
    except (OSError, ValueError, http.client.HTTPException):
        ours = False
    finally:
        connection.close()
    if ours:
        return None
    return (
        f"Port {port} is in use by a program that isn't the API: stop it, or use "
        f"`make run GUNICORN_CMD_ARGS=--bind={host}:{port + 1}`."
    )
