"""Traces: one from the HTTP request through Kafka to the projection (W3C trace context)."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes, AttributeValue

_FLUSH_SECONDS = 0.8
_W3C = TraceContextTextMapPropagator()
_service: ContextVar[str] = ContextVar("service", default="multicanvas")


class _Tracers:
    """One tracer per service, because several may share this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._providers: list[TracerProvider] = []
        self._tracers: dict[str, Tracer] = {}
        self._processors: list[SpanProcessor] = []
        self._endpoints: set[str] = set()

    @property
    def heard(self) -> bool:
        return bool(self._processors)

    def add_processor(self, processor: SpanProcessor) -> None:
        with self._lock:
            self._processors.append(processor)
            for provider in self._providers:
                provider.add_span_processor(processor)

    def export_to(self, endpoint: str) -> None:
        if endpoint not in self._endpoints:
            self._endpoints.add(endpoint)
            exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=2)
            self.add_processor(BatchSpanProcessor(exporter))

    def of(self, service: str) -> Tracer:
        found = self._tracers.get(service)
        if found is not None:
            return found
        with self._lock:
            return self._tracers.get(service) or self._make(service)

    def _make(self, service: str) -> Tracer:
        provider = TracerProvider(
            resource=Resource.create({"service.name": service}),
            sampler=_WhenHeard(self),
            shutdown_on_exit=False,
        )
        for processor in self._processors:
            provider.add_span_processor(processor)
        self._providers.append(provider)
        return self._tracers.setdefault(service, provider.get_tracer("multicanvas"))

    def flush(self) -> None:
        # The exporter goes on trying while its collector is away; an ending service does not wait.
        sending = threading.Thread(target=self._flush_all, daemon=True)
        sending.start()
        sending.join(_FLUSH_SECONDS)

    def _flush_all(self) -> None:
        for processor in self._processors:
            processor.force_flush()


class _WhenHeard(Sampler):
    """Records spans only while somebody takes them; ids are made and passed on in any case."""

    def __init__(self, tracers: _Tracers) -> None:
        self._tracers = tracers

    def should_sample(
        self,
        parent_context: otel_context.Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        heard = self._tracers.heard
        return SamplingResult(
            Decision.RECORD_AND_SAMPLE if heard else Decision.DROP, attributes if heard else None
        )

    def get_description(self) -> str:
        return "WhenHeard"


_tracers = _Tracers()


def export_traces(endpoint: str) -> None:
    """Send finished spans to an OTLP/HTTP collector (`http://host:4318`), once per endpoint."""
    _tracers.export_to(endpoint)


def observe_spans(processor: SpanProcessor) -> None:
    """Hand every span of this process to `processor` as well (tests, another exporter)."""
    _tracers.add_processor(processor)


def flush() -> None:
    """Send what is still waiting; called when the process stops."""
    _tracers.flush()


def current_service() -> str:
    return _service.get()


def enter_service(name: str) -> None:
    """Name the service for the rest of this asyncio task: its spans, logs and metrics carry it."""
    _service.set(name)


def current_traceparent() -> str | None:
    """The running span as a W3C `traceparent`, None outside of a trace."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str | None:
    """32 hex digits, None outside of a trace."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else None


@contextmanager
def span(
    name: str, *, kind: SpanKind = SpanKind.INTERNAL, **attributes: AttributeValue
) -> Generator[Span]:
    """A span under the running one. An exception ends it as an error and goes on upwards.

    Attributes are ids, counts and names of types: never content, never a secret.
    """
    with _tracers.of(_service.get()).start_as_current_span(
        name,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as started:
        try:
            yield started
        except BaseException as error:
            # Only the class: a message may quote what a person wrote.
            started.set_status(StatusCode.ERROR, type(error).__name__)
            raise


@contextmanager
def continue_trace(
    traceparent: str | None,
    name: str,
    *,
    kind: SpanKind = SpanKind.CONSUMER,
    **attributes: AttributeValue,
) -> Generator[Span]:
    """A span whose parent came with a request or message; none or a bad one: a new trace."""
    carrier = {"traceparent": traceparent} if traceparent else {}
    token = otel_context.attach(_W3C.extract(carrier, context=otel_context.Context()))
    try:
        with span(name, kind=kind, **attributes) as started:
            yield started
    finally:
        otel_context.detach(token)
