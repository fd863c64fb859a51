"""Every message type by its CloudEvents name."""

from contracts import ai, analytics, identity, media, projects, render
from contracts.envelope import MessageData


def _collect() -> dict[str, type[MessageData]]:
    found: dict[str, type[MessageData]] = {}
    for module in (projects, identity, ai, media, render, analytics):
        for model in module.MESSAGES:
            found[model.TYPE] = model
    return found


MESSAGES: dict[str, type[MessageData]] = _collect()
