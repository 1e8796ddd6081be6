"""What the vendors allow and ask, and what is assumed of the service: the constants of the simulation.

Quotas and prices are the vendors' defaults and list prices in us-east-1, as their pages had them in 2026; each can be
raised, or differs by region and by contract. Change them here, and run `make scaling`.
"""

HOURS_A_MONTH = 730

# The service, as service.yml has it unless it's told otherwise.
TASK_VCPUS = 0.5
TASK_GIB = 1.0
WORKERS = 2
TARGET_CPU = 0.6
AGENT_MIB = 100  # assumed, for the CloudWatch agent: not measured here
SCALE_OUT_SECONDS = 240  # assumed: three minutes of metrics, by which an alarm goes off, and one until a task serves
# A Fargate vCPU is taken to be as fast as a core of the machine that the request's cost was measured on.

# The traffic.
FAILING = 0.001  # of the requests
PEAK = 2.0  # the busiest minute against the average, for quotas

# AWS X-Ray endpoints and quotas: "Segments per second".
XRAY_SEGMENTS_A_SECOND = 2_600
# Amazon CloudWatch Logs quotas: PutLogEvents, requests a second, for an account in a region; and events in one of them.
PUT_LOG_EVENTS_A_SECOND = 5_000
LOG_BATCH = 10_000
# Honeycomb, "How we measure usage": each span and each span event is an event. By plan, a month: Free, the largest Pro.
HONEYCOMB_FREE_EVENTS = 20_000_000
HONEYCOMB_PRO_EVENTS = 1_500_000_000
# Rollbar's pricing: occurrences a month. (Its rate limit is set by project, and answers 429.)
ROLLBAR_FREE_ITEMS = 5_000
ROLLBAR_LARGEST_ITEMS = 50_000_000

# US dollars.
VCPU_HOUR = 0.04048
GIB_HOUR = 0.004445
BALANCER_HOUR = 0.0225
LCU_HOUR = 0.008
REQUESTS_AN_LCU = 1_000  # a second, on connections that are kept; what is billed is the largest of four dimensions
LOG_GB = 0.50
XRAY_MILLION = 5.0
