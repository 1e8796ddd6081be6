"""AWS's monthly price in US dollars.

A load balancer's price depends on its largest dimension. The price of data out has steps.
"""

from typing import Any

import scaling_facts as facts

SECONDS = facts.HOURS_A_MONTH * 3600


def dollars(rate: float, tasks: int, segments: float, measured: dict[str, Any]) -> dict[str, float]:
    """Return the dollars by purpose.

    rate, segments: requests, and X-Ray segments, per second
    """
    lines = average("line_bytes", measured) * rate * SECONDS / 1e9
    response = average("response_bytes", measured)
    to_vendors = average("span_bytes", measured) + measured["failing_request"]["item_bytes"] * facts.FAILING
    units, _ = capacity_units(rate, response + facts.REQUEST_BYTES)
    hourly = {
        "tasks": tasks * (facts.TASK_VCPUS * facts.VCPU_HOUR + facts.TASK_GIB * facts.GIB_HOUR),
        "public addresses": (tasks + facts.ZONES) * facts.ADDRESS_HOUR,
        "load balancer": facts.BALANCER_HOUR + units * facts.LCU_HOUR,
    }
    return {
        **{name: price * facts.HOURS_A_MONTH for name, price in hourly.items()},
        "data out, to clients and vendors": data_out((response + to_vendors) * rate * SECONDS / 1e9),
        "log lines": lines * facts.LOG_GB,
        "the same lines, of stdout": lines * facts.LOG_GB,
        "X-Ray": segments * SECONDS / 1e6 * facts.XRAY_MILLION,
    }


def average(name: str, measured: dict[str, Any]) -> float:
    """Return the average over all requests.

    The share FAILING of them fails.
    """
    request, failing = measured["request"][name], measured["failing_request"][name]
    return float(request * (1 - facts.FAILING) + failing * facts.FAILING)


def capacity_units(rate: float, request_bytes: float) -> tuple[float, str]:
    """Return the number of LCUs, and the dimension that sets it.

    rate: requests per second
    """
    connections = rate / facts.REQUESTS_A_CONNECTION
    return max(
        (connections / facts.LCU_NEW_CONNECTIONS_A_SECOND, "new connections"),
        (connections * facts.CONNECTION_SECONDS / facts.LCU_OPEN_CONNECTIONS, "open connections"),
        (rate * request_bytes * 3600 / 1e9 / facts.LCU_GB_AN_HOUR, "bytes"),
        (rate * max(0, facts.LISTENER_RULES - facts.FREE_RULES) / facts.LCU_RULES_A_SECOND, "rules"),
    )


def data_out(gigabytes: float) -> float:
    """Return the price of a month's data out.

    Each step has its own price.
    """
    price = 0.0
    for size, of_a_gigabyte in facts.DATA_OUT:
        price += min(gigabytes, size) * of_a_gigabyte
        gigabytes = max(0.0, gigabytes - size)
    return price
