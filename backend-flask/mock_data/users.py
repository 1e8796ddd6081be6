"""The users of the mock data, by handle.

Telemetry uses their uuids.
"""

SIGNED_IN = "andrewbrown"
UUIDS = {
    SIGNED_IN: "0f5c3a1e-6d0b-4a5e-9a57-3a1c9d2b7e41",
    "worf": "b7a9e0d4-53c1-4f6e-8c2d-91e6f0a4d8c3",
    "garek": "5d2e8b90-17f4-4c3a-a6b1-e4c7d9f02a65",
}
