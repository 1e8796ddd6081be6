import sys

import network_guard

network_guard.guard()


def pytest_unconfigure() -> None:
    # X-Ray's SDK opens a socket when it is imported, and leaves it open.
    if "aws_xray_sdk.core" in sys.modules:
        sys.modules["aws_xray_sdk.core"].xray_recorder.emitter._socket.close()
