"""One trace through everything, one JSON object a log line, and no secret in either."""

import json
import logging
import sys

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime import telemetry
from runtime.logs import JsonFormatter, redact


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    telemetry.observe_spans(SimpleSpanProcessor(exporter))
    return exporter


def line(message: str, **extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "t", "levelname": "INFO", "msg": message, **extra})
    return json.loads(JsonFormatter().format(record))


def test_a_trace_goes_on_in_another_process(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    telemetry.enter_service("projects")
    with telemetry.span("PATCH element"):
        carried = telemetry.current_traceparent()
    assert telemetry.current_traceparent() is None
    telemetry.enter_service("render")
    with telemetry.continue_trace(carried, "project element_edited", topic="projects.events.v1"):
        assert telemetry.current_trace_id() is not None
    first, second = exporter.get_finished_spans()
    assert trace_of(first) == trace_of(second)
    assert second.parent is not None
    assert first.context is not None
    assert second.parent.span_id == first.context.span_id
    assert [span.resource.attributes["service.name"] for span in (first, second)] == [
        "projects",
        "render",
    ]


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.trace_id


@pytest.mark.parametrize("bad", [None, "", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_without_a_good_parent_a_new_trace_begins(
    bad: str | None, exporter: InMemorySpanExporter
) -> None:
    with telemetry.span("outer"), telemetry.continue_trace(bad, "inner"):
        inner = telemetry.current_trace_id()
    finished = {span.name: span for span in exporter.get_finished_spans()[-2:]}
    assert inner is not None
    assert finished["inner"].parent is None


def test_a_span_that_fails_tells_the_class_only(exporter: InMemorySpanExporter) -> None:
    def fail() -> None:
        with telemetry.span("work"):
            raise ValueError("what a person wrote")

    with pytest.raises(ValueError):
        fail()
    finished = exporter.get_finished_spans()[-1]
    assert finished.status.description == "ValueError"
    assert "person" not in finished.to_json()


def test_a_log_line_is_one_json_object_with_its_trace() -> None:
    with telemetry.span("work"):
        told = line("hello\nworld", task="relay")
        assert told["traceId"] == telemetry.current_trace_id()
    assert told["message"] == "hello\nworld"
    assert told["level"] == "info"
    assert told["task"] == "relay"


def test_an_exception_is_logged_with_its_stack_redacted() -> None:
    try:
        raise RuntimeError("password=hunter2hunter2")
    except RuntimeError:
        told = line("failed", exc_info=sys.exc_info())
    assert told["error"] == "RuntimeError"
    assert "Traceback" in str(told["stack"])
    assert "hunter2" not in str(told)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:CANARY@db:5432/projects",
        "Authorization: Bearer CANARYCANARY",
        "bearer CANARYCANARY.x",
        '{"password": "CANARY"}',
        "api_key=CANARY&x=1",
        "https://s3/x?X-Amz-Signature=CANARY",
        "/v1/files/a?exp=1&kid=1&sig=CANARY",
        "Cookie: better-auth.session_token=CANARY",
        "key sk-CANARYCANARYCANARY1 refused",
        "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----",
        "eyJhbGciOi.eyJzdWIiOiJDQU5BUlki.CANARY",
    ],
)
def test_known_shapes_of_secrets_are_blotted_out(text: str) -> None:
    assert "CANARY" not in redact(text)
    assert "[redacted]" in redact(text)


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("applied 3 events to project 42", "http://127.0.0.1:8080/v1/projects"):
        assert redact(text) == text
