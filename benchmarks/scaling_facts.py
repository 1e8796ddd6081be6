"""What the vendors allow and ask, and what is assumed of the service: the constants of the simulation.

Quotas and prices are defaults and list prices in us-east-1; each can be raised, or differs by region and by contract.
Beside each is the page that says it, or "no source", where we found none that we could read: look those up first.
Change them here, and run `make scaling`.
"""

HOURS_A_MONTH = 730

# The service, as service.yml has it unless it's reported otherwise.
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
REQUEST_BYTES = 700  # a browser's request with its headers, assumed; what is responded to is measured
REQUESTS_A_CONNECTION = 10  # assumed, for clients that keep theirs
CONNECTION_SECONDS = 60  # the load balancer's idle timeout, which a connection lasts for at the least

# "AWS X-Ray endpoints and quotas" has it by the name of "Segments per second". The number: no source.
XRAY_SEGMENTS_A_SECOND = 2_600
# "PutLogEvents throttle limit in transactions per second", for an account in a region, as Service Quotas said it in
# 2025; and events in one of them, as the API reference has it.
PUT_LOG_EVENTS_A_SECOND = 5_000
LOG_BATCH = 10_000
# Honeycomb's documentation, "How we define an event": each span and each span event is one. What the Free plan and the
# largest Pro plan take in a month: no source.
HONEYCOMB_FREE_EVENTS = 20_000_000
HONEYCOMB_PRO_EVENTS = 1_500_000_000
# Rollbar's plans, occurrences a month: no source. (Its rate limit is set by project, and responds 429.)
ROLLBAR_FREE_ITEMS = 5_000
ROLLBAR_LARGEST_ITEMS = 50_000_000

# US dollars, as AWS's pricing page of each service has them in the first half of 2026, by what others wrote of it then.
# Free tiers are left out, but for data out.
VCPU_HOUR = 0.04048  # AWS Fargate, Linux on x86
GIB_HOUR = 0.004445
BALANCER_HOUR = 0.0225  # Elastic Load Balancing, Application Load Balancer
LCU_HOUR = 0.008
# What one LCU has of each of its four dimensions; the largest is billed.
LCU_NEW_CONNECTIONS_A_SECOND = 25
LCU_OPEN_CONNECTIONS = 3_000
LCU_GB_AN_HOUR = 1.0
LCU_RULES_A_SECOND = 1_000  # beyond the first ten that a request is held against
FREE_RULES = 10
LISTENER_RULES = 0  # service.yml has default actions alone
ADDRESS_HOUR = 0.005  # Amazon VPC, public IPv4 addresses: one a task, and one in each zone of the load balancer
ZONES = 2  # as aws/bin/deploy chooses; a load balancer that grows takes more of them
# Amazon EC2 On-Demand, data transfer out to the internet: gigabytes a month, and the price of each in that step.
DATA_OUT = ((100.0, 0.0), (10_240.0, 0.09), (40_960.0, 0.085), (102_400.0, 0.07), (float("inf"), 0.05))
LOG_GB = 0.50  # Amazon CloudWatch, logs collected, standard class
XRAY_MILLION = 5.0  # AWS X-Ray, traces recorded
