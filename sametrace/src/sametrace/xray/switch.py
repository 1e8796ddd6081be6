"""Turn X-Ray's SDK on and off for the process.

When it is off, it ignores the app's calls.
"""

from aws_xray_sdk import global_sdk_config

_turned_off = False  # by turn_off()
_used = False  # by an X-Ray that is on


def is_allowed() -> bool:
    """Return whether the app, and AWS_XRAY_SDK_ENABLED, leave the SDK on."""
    return _turned_off or global_sdk_config.sdk_enabled()


def turn_on() -> None:
    global _turned_off, _used
    global_sdk_config.set_sdk_enabled(True)
    _turned_off, _used = False, True


def turn_off() -> None:
    """Make the SDK ignore the app's calls, without an error.

    It does nothing if another X-Ray in this process is on.
    """
    global _turned_off  # noqa: PLW0603
    if not _used and is_allowed():
        global_sdk_config.set_sdk_enabled(False)
        _turned_off = True
