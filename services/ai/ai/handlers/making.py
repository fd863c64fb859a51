"""Make one generation: call its provider outside any transaction, then tell what came of it."""

import hashlib
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
from ai.projections.queue import Job
from eventlog import AggregateNotFound, Answer, Unit
from runtime.context import Context
from runtime.ids import event_id

MOST_ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 120.0


async def make(desk: Desk, job: Job) -> float | None:
    """Returns the seconds to wait before trying again, None when it is settled."""
    started = time.monotonic()
    try:
        if job.kind == "text":
            text = await desk.catalogue.texts[job.provider].write(_text_request(job))
            await _keep_text(desk, job, text, _millis(started))
        else:
            image = await desk.catalogue.images[job.provider].paint(_image_request(job))
            await _keep_image(desk, job, image, _millis(started))
    except KeyError:
        await _give_up(desk, job, ProviderFailed("provider", "The provider was switched off."))
    except ProviderFailed as failure:
        if failure.is_retryable and job.attempts < MOST_ATTEMPTS:
            pause = failure.retry_after_seconds or FIRST_PAUSE_SECONDS * 4 ** (job.attempts - 1)
            return min(pause, LONGEST_PAUSE_SECONDS)
        await _give_up(desk, job, failure)
    return None


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
    key = f"generated/{job.id}"
    await desk.store.put(objects.AI, key, data, result.mime_type)

    def settle(generation: Generation) -> None:
        generation.image_generated(
            media_id=event_id(job.id, 0),
            store=desk.store.provider,
            bucket=objects.AI,
            object_key=key,
            alternative_keys=[],
            sha256=hashlib.sha256(data).hexdigest(),
            mime_type=result.mime_type,
            file_size=len(data),
            width=result.width,
            height=result.height,
            seed=str(result.seed) if result.seed is not None else None,
            cost=result.cost,
            generation_time=millis,
        )
        _apply_if_wanted(generation, job)

    await _settle(desk, job, settle)


def _apply_if_wanted(generation: Generation, job: Job) -> None:
    if job.apply_to is not None and generation.status == "completed":
        generation.apply_to(job.apply_to)


async def _give_up(desk: Desk, job: Job, failure: ProviderFailed) -> None:
    await _settle(
        desk,
        job,
        lambda generation: generation.fail(
            failure.code, failure.message, refused=failure.is_refusal
        ),
    )


async def _settle(desk: Desk, job: Job, change: Callable[[Generation], None]) -> None:
    async def work(unit: Unit) -> Answer:
        try:
            generation = await unit.load(Generation, job.id)
        except AggregateNotFound:
            return Answer(204)  # erased meanwhile
        change(generation)
        unit.record(generation)
        return Answer(200)

    # The person asked for it, so the events name them; a second settling of the same job by a
    # worker that was thought dead finds the generation settled and records nothing.
    context = Context.for_actor(job.user_id, causation_id=event_id(job.id, 1))
    await desk.log.run_as_service(context, work)


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
