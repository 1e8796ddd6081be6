"""AWS X-Ray: one segment a request, sent to the X-Ray daemon; or spans over OTLP, which xray_otlp.py has."""

import logging

from aws_xray_sdk import global_sdk_config
from flask import Flask

import aws_settings
import vendor_pages
from config import Settings
from telemetry.health import VendorHealth

try:
    # It makes a client for the daemon when it's imported, of whatever AWS's variables and files say.
    from aws_xray_sdk.core import patch, xray_recorder
except aws_settings.UNUSABLE as error:
    raise aws_settings.unusable(error) from None
from telemetry.xray_context import NestedContext
from telemetry.xray_emitter import SegmentEmitter, Streaming
from telemetry.xray_flask import SegmentMiddleware
from telemetry.xray_otlp import XRayOverOTLP
from telemetry.xray_rules import local_rules


def by_settings(settings: Settings) -> "XRay | XRayOverOTLP":
    return XRayOverOTLP(settings) if settings.xray_exporter == "otlp" else XRay(settings)


class XRay:
    def __init__(self, settings: Settings) -> None:
        address = settings.xray_daemon_address if global_sdk_config.sdk_enabled() else None
        self.health = VendorHealth(
            "X-Ray", address is not None, address or "AWS_XRAY_DAEMON_ADDRESS", vendor_pages.xray(settings)
        )
        self._settings = settings
        if address is None:
            global_sdk_config.set_sdk_enabled(False)
            return
        self._emitter = SegmentEmitter(address, self.health)
        xray_recorder.configure(
            service=settings.service_name,
            dynamic_naming=settings.xray_url,
            context=NestedContext(),
            context_missing="IGNORE_ERROR",
            daemon_address=address,
            emitter=self._emitter,
            streaming=Streaming(),
            sampling_rules=local_rules(settings.xray_sampling_rule),
        )
        patch(("requests",))

    def instrument(self, app: Flask) -> None:
        # Its warnings are of calls outside a segment, such as the other vendors' own posts.
        logging.getLogger("aws_xray_sdk").setLevel(logging.ERROR)
        if self.health.on:
            SegmentMiddleware(app, self._settings, self.health)

    def start(self) -> None:
        if self.health.on:
            self._emitter.start()
            # Polls the rules made in AWS through the daemon, from now on and not from the first request on.
            xray_recorder.sampler.start()

    def stop(self, seconds: float) -> None:
        if self.health.on:
            self._emitter.stop(seconds)
