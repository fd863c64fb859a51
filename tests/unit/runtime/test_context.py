"""Who acts: a context names the chain of causes, its signed form cannot be made up."""

import hashlib
import hmac
from uuid import UUID

import pytest

from runtime.context import Context, ContextSigner
from runtime.telemetry import current_traceparent, span

KEY = b"k" * 32


def test_a_command_without_cause_starts_its_own_chain() -> None:
    context = Context.for_actor("u1")
    assert context.correlation_id == context.command_id
    assert context.causation_id is None
    assert context.now.microsecond % 1000 == 0


def test_a_command_caused_by_an_event_stays_in_its_chain() -> None:
    chain, cause = UUID(int=1), UUID(int=2)
    context = Context.for_actor("service:ai", correlation_id=chain, causation_id=cause)
    assert (context.correlation_id, context.causation_id) == (chain, cause)
    assert context.is_service


def test_a_command_takes_part_in_the_running_trace() -> None:
    with span("edit"):
        assert Context.for_actor("u1").traceparent == current_traceparent() is not None


def test_the_signed_form_is_actor_expiry_and_hmac() -> None:
    actor, expiry, mac = ContextSigner(KEY, ttl_seconds=60).sign("u42").split("|")
    expected = hmac.new(KEY, f"u42|{expiry}".encode(), hashlib.sha256).hexdigest()
    assert (actor, mac) == ("u42", expected)


@pytest.mark.parametrize("actor", ["", "a|b", "a'b", "a b", "a\\b", "ä", "u" * 129, "a\n"])
def test_an_actor_that_could_break_out_is_never_signed(actor: str) -> None:
    with pytest.raises(ValueError, match="actor"):
        ContextSigner(KEY).sign(actor)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ContextSigner(b"short")
