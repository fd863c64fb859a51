"""Logs: one JSON object a line, with the trace it belongs to, without secrets."""

import logging
import re
import sys
import traceback
from typing import Any

import orjson

from runtime import clock
from runtime.telemetry import current_service, current_trace_id

# The second line only: secrets are SecretStr and are not logged in the first place.
_SECRETS = re.compile(
    r"""(?x)
    (?P<scheme>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)         # password in a URL
    | (?P<named>(?i:authorization|cookie|password|secret|api[_-]?key|x-amz-signature|sig|token)
        ["']?\s*[:=]\s*["']?(?:(?i:bearer|basic)\s+)?)[^\s"',;&}]+
    | (?P<bearer>(?i:bearer)\s+)[\w.~+/=-]{8,}
    | eyJ[\w-]+\.[\w-]+\.[\w-]*                                       # JSON web token
    | \b(?:sk|pk|rk|mc)[-_][A-Za-z0-9_-]{16,}                         # provider and access keys
    | -----BEGIN[^-]*PRIVATE\ KEY-----[\s\S]*?(?:-----END[^-]*-----|$)
    """
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def redact(text: str) -> str:
    """The text with known shapes of secrets replaced by `[redacted]`."""
    return _SECRETS.sub(_blank, text)


def configure(level: str = "INFO") -> None:
    """Send every log record of this process as JSON to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn would log every request in its own format; routes and times are a metric.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)


class JsonFormatter(logging.Formatter):
    """`{time, level, service, logger, message, traceId?, …extra, error?, stack?}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": clock.iso(clock.now()),
            "level": record.levelname.lower(),
            "service": current_service(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if trace_id := current_trace_id():
            line["traceId"] = trace_id
        for name, value in vars(record).items():
            if name not in _STANDARD and not name.startswith("_"):
                line[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["stack"] = redact("".join(traceback.format_exception(*record.exc_info)))
        return orjson.dumps(line, default=_describe).decode()


def _blank(found: re.Match[str]) -> str:
    kept = found["scheme"] or found["named"] or found["bearer"] or ""
    return f"{kept}[redacted]"


def _describe(value: object) -> str:
    return redact(str(value))
