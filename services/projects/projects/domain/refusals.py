"""The ways in which the rules of a project say no. `code` is stable, the rest is for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventlog.domain import Refusal


@dataclass(frozen=True)
class Fault:
    """One wrong member of a request: JSON Pointer, stable code, message."""

    pointer: str
    code: str
    message: str


class Unknown(Refusal):
    """There is no such thing in this project."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"unknown_{kind}", f"There is no {kind} {name} here.", status=404)


class NotAllowed(Refusal):
    """The actor may see this, but not do that."""

    def __init__(self, action: str) -> None:
        super().__init__("not_allowed", f"Your role does not allow you to {action}.", status=403)


class Conflicting(Refusal):
    """The project's state does not allow it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, status=409)


class Invalid(Refusal):
    """A rule about values is broken; `errors` names each one."""

    def __init__(self, faults: Sequence[Fault], message: str = "Some values break a rule.") -> None:
        super().__init__("rule", message, status=422, errors=list(faults))


def invalid(pointer: str, code: str, message: str) -> Invalid:
    return Invalid([Fault(pointer, code, message)], message)
