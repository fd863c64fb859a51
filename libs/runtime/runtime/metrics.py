"""Every metric of every service: their names stand here and nowhere else.

Each is labelled with its `service`. Label values are few and known (a route's pattern, a topic, a
status), never an id or anything a person typed.
"""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

HTTP_REQUESTS = Histogram(
    "multicanvas_http_request_seconds",
    "Time to answer an HTTP request, by route pattern.",
    ("service", "method", "route", "status"),
    buckets=_SECONDS,
)
TASK_RESTARTS = Counter(
    "multicanvas_task_restarts_total",
    "Background tasks that ended with an error and were started again.",
    ("service", "task"),
)
COMMANDS = Counter(
    "multicanvas_commands_total",
    "Commands by outcome: recorded, refused, conflict, repeated.",
    ("service", "outcome"),
)
EVENTS_APPENDED = Counter(
    "multicanvas_events_appended_total", "Events written to the log.", ("service",)
)
APPEND_SECONDS = Histogram(
    "multicanvas_append_seconds", "Time of the append call.", ("service",), buckets=_SECONDS
)
OUTBOX_WAITING = Gauge(
    "multicanvas_outbox_waiting", "Outbox rows not yet acknowledged by the broker.", ("service",)
)
MESSAGES_PUBLISHED = Counter(
    "multicanvas_messages_published_total",
    "Messages acknowledged by the broker.",
    ("service", "topic"),
)
MESSAGES_CONSUMED = Counter(
    "multicanvas_messages_consumed_total",
    "Messages by outcome: applied, dropped, parked, dead.",
    ("service", "projection", "outcome"),
)
CONSUMER_DELAY_SECONDS = Gauge(
    "multicanvas_consumer_delay_seconds",
    "Age of the newest message a projection has applied, when it applied it.",
    ("service", "projection"),
)
JOBS = Counter(
    "multicanvas_jobs_total",
    "Long-running jobs by kind and outcome: done, failed, cancelled, retried.",
    ("service", "kind", "outcome"),
)
JOB_SECONDS = Histogram(
    "multicanvas_job_seconds",
    "Time a long-running job took.",
    ("service", "kind"),
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600),
)
LIVE_CLIENTS = Gauge("multicanvas_live_clients", "Open live feeds.", ("service",))
