"""Python reads this first where this directory is on PYTHONPATH: no command that is tested reaches another machine."""

import network_guard

network_guard.guard()
