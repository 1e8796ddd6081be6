"""The constants of the simulation.

They are the vendors' limits and prices, and assumptions about the service. Quotas and prices are the defaults and list
prices in us-east-1. You can raise a quota; prices differ by region and contract. Each has the page that states it, or
"no source" if we found none: look those up first. Change them here, and run `make scaling`.
"""

HOURS_A_MONTH = 730

# The service, with the defaults of service.yml.
TASK_VCPUS = 0.5
TASK_GIB = 1.0
WORKERS = 2
TARGET_CPU = 0.6
AGENT_MIB = 100  # assumed, for the CloudWatch agent
SCALE_OUT_SECONDS = 240  # assumed: three minutes of metrics until the alarm, and one until a task serves
# A Fargate vCPU is assumed to be as fast as a core of the machine that measured the request's cost.

# The traffic.
FAILING = 0.001  # of the requests
PEAK = 2.0  # the busiest minute divided by the average, for quotas
REQUEST_BYTES = 700  # assumed, a browser's request with its headers; the size of a response is measured
REQUESTS_A_CONNECTION = 10  # assumed, for clients that keep their connection
CONNECTION_SECONDS = 60  # the load balancer's idle timeout: a connection lasts at least that long

# "Segments per second" in "AWS X-Ray endpoints and quotas". The number has no source.
XRAY_SEGMENTS_A_SECOND = 2_600
# "PutLogEvents throttle limit in transactions per second", per account and region, from Service Quotas in 2025. The
# batch size is from the API reference.
PUT_LOG_EVENTS_A_SECOND = 5_000
LOG_BATCH = 10_000
# Honeycomb's documentation, "How we define an event": each span and each span event counts. The monthly limits of the
# Free plan and the largest Pro plan have no source.
HONEYCOMB_FREE_EVENTS = 20_000_000
HONEYCOMB_PRO_EVENTS = 1_500_000_000
# Occurrences per month in Rollbar's plans: no source. (Its rate limit is set per project; Rollbar responds with 429.)
ROLLBAR_FREE_ITEMS = 5_000
ROLLBAR_LARGEST_ITEMS = 50_000_000

# US dollars, from AWS's pricing pages in the first half of 2026, as others quoted them. Free tiers are left out, except
# for data out.
VCPU_HOUR = 0.04048  # AWS Fargate, Linux on x86
GIB_HOUR = 0.004445
BALANCER_HOUR = 0.0225  # Elastic Load Balancing, Application Load Balancer
LCU_HOUR = 0.008
# What one LCU contains, in four dimensions. AWS bills the largest.
LCU_NEW_CONNECTIONS_A_SECOND = 25
LCU_OPEN_CONNECTIONS = 3_000
LCU_GB_AN_HOUR = 1.0
LCU_RULES_A_SECOND = 1_000  # beyond the first ten rules that are evaluated for a request
FREE_RULES = 10
LISTENER_RULES = 0  # service.yml has default actions only
ADDRESS_HOUR = 0.005  # Amazon VPC, public IPv4 addresses: one per task, and one in each zone of the load balancer
ZONES = 2  # as aws/bin/deploy chooses; a load balancer under high load uses more
# Amazon EC2 On-Demand, data transfer out to the internet: gigabytes per month in each step, and their price.
DATA_OUT = ((100.0, 0.0), (10_240.0, 0.09), (40_960.0, 0.085), (102_400.0, 0.07), (float("inf"), 0.05))
LOG_GB = 0.50  # Amazon CloudWatch, logs collected, standard class
XRAY_MILLION = 5.0  # AWS X-Ray, traces recorded
