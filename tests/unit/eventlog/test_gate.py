"""The gate's decision, for every place a message may have."""

import pytest

from eventlog.gate import Gate, Reason, Verdict, judge


@pytest.mark.parametrize(
    ("reason", "sequence", "verdict"),
    [
        (None, 1, Verdict.DROP),
        (None, 5, Verdict.DROP),
        (None, 6, Verdict.APPLY),
        (None, 7, Verdict.PARK),
        ("gap", 5, Verdict.DROP),
        ("gap", 6, Verdict.APPLY),
        ("gap", 7, Verdict.PARK),
        ("poison", 5, Verdict.DROP),
        ("poison", 6, Verdict.DROP),
        ("poison", 7, Verdict.PARK),
    ],
)
def test_a_message_after_the_fifth_is_applied_only_when_it_is_the_sixth(
    reason: Reason | None, sequence: int, verdict: Verdict
) -> None:
    gate = Gate("journal", "subject", last=5, reason=reason)
    assert judge(gate, sequence) is verdict
