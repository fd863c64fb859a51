"""OpenAI's and Runware's clients against a server that answers like theirs, good days and bad."""

import base64
import io
import json
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from ai.adapters.openai_text import OpenAIText
from ai.adapters.providers import ImageRequest, ProviderFailed, TextRequest
from ai.adapters.runware_image import RunwareImage

Reply = Callable[[Any], web.StreamResponse]


class Fake:
    """One endpoint for everything: remembers what came, answers as told."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, dict[str, str]]] = []
        self.reply: Reply = lambda _: web.json_response({})
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.seen.append((body, dict(request.headers)))
        return self.reply(body)


@pytest_asyncio.fixture(loop_scope="session")
async def fake() -> AsyncIterator[Fake]:
    fake = Fake()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    fake.url = str(server.make_url("/v1"))
    yield fake
    await server.close()


def openai(fake: Fake) -> OpenAIText:
    prices = {"gpt-6-luna": (Decimal("0.10"), Decimal("0.50"))}
    return OpenAIText("sk-test", base_url=fake.url, models=["gpt-6-luna"], prices=prices)


def completion(*texts: str | None, reason: str = "stop", usage: bool = True) -> Reply:
    return lambda _: web.json_response(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-6-luna",
            "choices": [
                {
                    "index": n,
                    "finish_reason": reason,
                    "message": {"role": "assistant", "content": text},
                }
                for n, text in enumerate(texts)
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
            if usage
            else None,
        }
    )


def failure(status: int, code: str | None = None, **headers: str) -> Reply:
    body = {"error": {"message": "prompt was: SECRET", "type": "x", "code": code}}
    return lambda _: web.json_response(body, status=status, headers=headers)


REQUEST = TextRequest("a headline", {"contentType": "headline", "maxLength": 30}, "gpt-6-luna")


async def test_a_text_comes_back_with_alternatives_tokens_and_cost(fake: Fake) -> None:
    fake.reply = completion('"Hello"', "Hi", "Hi")
    made = await openai(fake).write(REQUEST)
    assert (made.text, made.alternatives, made.tokens_used) == ("Hello", ("Hi",), 120)
    assert made.cost == Decimal("0.00002")


async def test_what_the_person_wrote_travels_as_data(fake: Fake) -> None:
    fake.reply = completion("ok")
    await openai(fake).write(REQUEST)
    body, headers = fake.seen[-1]
    assert headers["Authorization"] == "Bearer sk-test"
    assert json.loads(body["messages"][1]["content"])["task"] == "a headline"
    assert body["messages"][0]["role"] == "system"


async def test_an_unknown_cost_is_not_zero(fake: Fake) -> None:
    fake.reply = completion("ok", usage=False)
    made = await openai(fake).write(REQUEST)
    assert made.cost is None
    assert made.tokens_used is None


@pytest.mark.parametrize(
    ("reply", "code", "retryable"),
    [
        (failure(401), "auth", False),
        (failure(429, "rate_limit_exceeded", **{"Retry-After": "7"}), "rateLimit", True),
        (failure(429, "insufficient_quota"), "quota", False),
        (failure(400, "content_policy_violation"), "safety", False),
        (failure(500), "serverError", True),
        (completion(None), "provider", False),
        (completion(None, reason="content_filter"), "safety", False),
        (lambda _: web.Response(text="<html>"), "provider", False),
    ],
)
async def test_every_bad_answer_has_a_code_and_gives_nothing_away(
    fake: Fake, reply: Reply, code: str, retryable: bool
) -> None:
    fake.reply = reply
    before = len(fake.seen)
    with pytest.raises(ProviderFailed) as failed:
        await openai(fake).write(REQUEST)
    assert (failed.value.code, failed.value.is_retryable) == (code, retryable)
    assert "SECRET" not in failed.value.message
    assert len(fake.seen) == before + 1, "retries are the worker's, not the client's"


async def test_a_server_that_is_away_is_a_connection_failure() -> None:
    client = OpenAIText("k", base_url="http://127.0.0.1:9/v1", models=["m"], prices={})
    with pytest.raises(ProviderFailed) as failed:
        await client.write(REQUEST)
    assert failed.value.code == "connection"


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (64, 128), (200, 30, 30)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def runware_result(**more: Any) -> Reply:
    def reply(body: Any) -> web.StreamResponse:
        task = body[0]
        item = {
            "taskType": "imageInference",
            "taskUUID": task["taskUUID"],
            "imageUUID": task["taskUUID"],
            "imageBase64Data": picture(),
            "seed": 42,
            "cost": 0.0019,
            **more,
        }
        return web.json_response({"data": [item]})

    return reply


def runware(fake: Fake) -> RunwareImage:
    return RunwareImage("key", models=["runware:400@1"], base_url=fake.url)


IMAGE = ImageRequest("a lighthouse", 1080, 1920, "runware:400@1", negative_prompt="text", seed=42)


async def test_an_image_comes_back_as_clean_bytes_with_seed_and_cost(fake: Fake) -> None:
    fake.reply = runware_result()
    made = await runware(fake).paint(IMAGE)
    with Image.open(io.BytesIO(made.images[0])) as opened:
        assert (opened.format, opened.size) == ("PNG", (64, 128))
    assert (made.seed, made.cost) == (42, Decimal("0.0019"))
    task = fake.seen[-1][0][0]
    assert (task["width"], task["height"]) == (1088, 1920), "models take multiples of 64"
    assert task["negativePrompt"] == "text"
    assert task["outputType"] == "base64Data", "no URL of a provider is fetched"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (runware_result(NSFWContent=True), "safety"),
        (runware_result(imageBase64Data="bm8gcGljdHVyZQ=="), "provider"),
        (lambda _: web.json_response({"data": []}), "provider"),
        (
            lambda _: web.json_response(
                {"errors": [{"code": "invalidApiKey", "message": "bad key"}]}, status=401
            ),
            "auth",
        ),
    ],
)
async def test_every_bad_answer_of_runware_has_a_code(fake: Fake, reply: Reply, code: str) -> None:
    fake.reply = reply
    with pytest.raises(ProviderFailed) as failed:
        await runware(fake).paint(IMAGE)
    assert failed.value.code == code
