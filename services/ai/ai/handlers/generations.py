"""Ask for a generation, use it, judge it, remove it."""

import contextlib
from uuid import UUID

from ai.commands import ApplyGeneration, DeleteGeneration, RateGeneration, RequestGeneration
from ai.domain import refusals
from ai.domain.generation import Generation
from ai.handlers.desk import Desk
from auth.project_access import role_of
from eventlog import AggregateNotFound, Answer, IdempotencyKey, Unit
from runtime.context import Context


async def request_generation(
    desk: Desk, command: RequestGeneration, context: Context, key: IdempotencyKey | None
) -> Answer:
    """Queue it: 202 with the generation's id. Raises Refusal."""
    model = desk.catalogue.model_for(command.kind, command.provider, command.model)

    async def work(unit: Unit) -> Answer:
        role = await role_of(unit.connection, command.project_id)
        if role is None:
            raise refusals.unknown_project()
        if role == "viewer":
            raise refusals.only_looking()
        with contextlib.suppress(AggregateNotFound):
            await unit.load(Generation, command.generation_id)
            raise refusals.generation_exists()
        generation = Generation.request(
            command.generation_id,
            project_id=command.project_id,
            user_id=command.user_id,
            kind=command.kind,
            provider=command.provider,
            model=model,
            prompt=command.prompt,
            context=command.context,
            negative_prompt=command.negative_prompt,
            style=command.style,
            width=command.width,
            height=command.height,
            seed=str(command.seed) if command.seed is not None else None,
            apply_to=command.apply_to,
        )
        unit.record(generation)
        return Answer(202, _queued(command, model))

    return await desk.log.run(context, work, idempotency=key)


def _queued(command: RequestGeneration, model: str) -> dict[str, object]:
    return {
        "id": str(command.generation_id),
        "projectId": str(command.project_id),
        "kind": command.kind,
        "provider": command.provider,
        "model": model,
        "status": "pending",
    }


async def apply_generation(
    desk: Desk, command: ApplyGeneration, context: Context, key: IdempotencyKey | None
) -> Answer:
    """Ask projects to write the result into an element (D19); the answer comes as an event."""

    async def work(unit: Unit) -> Answer:
        generation = await _load(unit, command.generation_id)
        generation.apply_to(command.element_id, command.alternative)
        unit.record(generation)
        return Answer(202, {"id": str(generation.id), "elementId": str(command.element_id)})

    return await desk.log.run(context, work, idempotency=key)


async def rate_generation(
    desk: Desk, command: RateGeneration, context: Context, key: IdempotencyKey | None
) -> Answer:
    async def work(unit: Unit) -> Answer:
        generation = await _load(unit, command.generation_id)
        generation.rate(command.stars, command.feedback)
        unit.record(generation)
        return Answer(200, {"id": str(generation.id), "stars": command.stars})

    return await desk.log.run(context, work, idempotency=key)


async def delete_generation(
    desk: Desk, command: DeleteGeneration, context: Context, key: IdempotencyKey | None
) -> Answer:
    async def work(unit: Unit) -> Answer:
        generation = await _load(unit, command.generation_id)
        generation.delete()
        unit.record(generation)
        return Answer(204)

    return await desk.log.run(context, work, idempotency=key)


async def _load(unit: Unit, generation_id: UUID) -> Generation:
    try:
        generation = await unit.load(Generation, generation_id)
    except AggregateNotFound:
        raise refusals.unknown_generation() from None
    if generation.is_deleted:
        raise refusals.unknown_generation()
    return generation
