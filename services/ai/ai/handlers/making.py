"""Make one generation: call its provider outside any transaction, then tell what came of it."""

import hashlib
import random
import time
from collections.abc import Callable
from uuid import UUID

import objects
from ai.adapters.providers import (
    ImageRequest,
    ImageResult,
    ProviderFailed,
    TextRequest,
    TextResult,
)
from ai.domain.generation import Generation
from ai.handlers.desk import Desk
from ai.projections import generations, queue
from ai.projections.queue import Job
from auth.keys import KeyForgotten
from eventlog import AggregateNotFound, Answer, Unit
from runtime.context import Context
from runtime.ids import event_id

MOST_ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 120.0


async def make(desk: Desk, job: Job) -> float | None:
    """Returns the seconds to wait before trying again, None when it is settled."""
    try:
        await _ask(desk, job)
    except ProviderFailed as failure:
        if failure.is_retryable and job.attempts < MOST_ATTEMPTS:
            return pause_after(failure, job.attempts)
        await give_up(desk, job, failure)
    return None


def pause_after(failure: ProviderFailed, attempts: int) -> float:
    """What the provider asks for, else four times as long each time; spread, so that those who
    failed together do not come back together."""
    wanted = failure.retry_after_seconds or FIRST_PAUSE_SECONDS * 4 ** (attempts - 1)
    return min(wanted, LONGEST_PAUSE_SECONDS) * random.uniform(1.0, 1.25)


async def _ask(desk: Desk, job: Job) -> None:
    started = time.monotonic()
    if job.kind == "text" and (writer := desk.catalogue.texts.get(job.provider)):
        text = await writer.write(_text_request(job))
        await _keep_text(desk, job, text, _millis(started))
    elif job.kind == "image" and (painter := desk.catalogue.images.get(job.provider)):
        image = await painter.paint(_image_request(job))
        await _keep_image(desk, job, image, _millis(started))
    else:
        raise ProviderFailed("provider", "The provider was switched off.")


async def _keep_text(desk: Desk, job: Job, result: TextResult, millis: int) -> None:
    def settle(generation: Generation) -> None:
        generation.text_generated(
            result.text,
            list(result.alternatives),
            tokens_used=result.tokens_used,
            cost=result.cost,
            response_time=millis,
        )
        _apply_if_wanted(generation, job)

    await _settle(desk, job, settle)


async def _keep_image(desk: Desk, job: Job, result: ImageResult, millis: int) -> None:
    data = result.images[0]
    sha256 = hashlib.sha256(data).hexdigest()
    # Named by its content: a worker that was thought dead must not overwrite another's result.
    key = f"generated/{job.id}/{sha256[:16]}"
    await desk.store.put(objects.AI, key, data, result.mime_type)

    def settle(generation: Generation) -> None:
        generation.image_generated(
            media_id=event_id(job.id, 0),
            store=desk.store.provider,
            bucket=objects.AI,
            object_key=key,
            alternative_keys=[],
            sha256=sha256,
            mime_type=result.mime_type,
            file_size=len(data),
            width=result.width,
            height=result.height,
            seed=str(result.seed) if result.seed is not None else None,
            cost=result.cost,
            generation_time=millis,
        )
        _apply_if_wanted(generation, job)

    if not await _settle(desk, job, settle):
        await _remove_unless_kept(desk, job, key)


async def _remove_unless_kept(desk: Desk, job: Job, key: str) -> None:
    """A twin that was first may have stored the same bytes, and its result refers to them."""
    async with desk.pools.worker.acquire() as connection:
        row = await generations.one(connection, job.id)
    if row is None or row.object_key != key:
        await desk.store.delete(objects.AI, key)


def _apply_if_wanted(generation: Generation, job: Job) -> None:
    if job.apply_to is not None:
        generation.apply_to(job.apply_to)


async def give_up(desk: Desk, job: Job, failure: ProviderFailed) -> None:
    await _settle(
        desk,
        job,
        lambda generation: generation.fail(
            failure.code, failure.message, refused=failure.is_refusal
        ),
    )


async def _settle(desk: Desk, job: Job, change: Callable[[Generation], None]) -> bool:
    """False when the result is not wanted any more: settled before, removed, or erased."""

    async def work(unit: Unit) -> Answer:
        if not await queue.hold(unit.connection, job.id):
            return Answer(204)
        try:
            generation = await unit.load(Generation, job.id)
        except AggregateNotFound:
            return Answer(204)
        if not generation.is_wanted:
            return Answer(204)
        change(generation)
        unit.record(generation)
        return Answer(200)

    # The person asked for it, so the events name them; a second settling of the same job by a
    # worker that was thought dead finds the generation settled and records nothing.
    context = Context.for_actor(job.user_id, causation_id=event_id(job.id, 1))
    try:
        answer = await desk.log.run_as_service(context, work)
    except KeyForgotten:
        return False
    return answer.status == 200


def _text_request(job: Job) -> TextRequest:
    return TextRequest(job.prompt, job.context or {}, job.model, seed=job.seed or _seed(job.id))


def _image_request(job: Job) -> ImageRequest:
    return ImageRequest(
        prompt=job.prompt,
        width=job.width or 1080,
        height=job.height or 1080,
        model=job.model,
        negative_prompt=job.negative_prompt,
        style=job.style,
        seed=job.seed if job.seed is not None else _seed(job.id),
    )


def _seed(job_id: UUID) -> int:
    """From the request's id, so that a repeated attempt asks for the same thing."""
    return job_id.int % 2**31


def _millis(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
