import sys

from hypothesis import settings

import network_guard

network_guard.guard()

# A busy machine makes any example slow now and then, which says nothing of what is tested.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_unconfigure() -> None:
    # X-Ray's SDK opens a socket when it is imported, and leaves it open.
    if "aws_xray_sdk.core" in sys.modules:
        sys.modules["aws_xray_sdk.core"].xray_recorder.emitter._socket.close()
