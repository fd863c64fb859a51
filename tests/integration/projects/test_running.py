"""The whole service as it runs: HTTP, relay and consumers on a broker of its own."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from auth.tokens import TokenSigner
from contracts import read, topics
from contracts.media import MediaReady
from contracts.projects import ElementEdited
from eventlog.awaiting import AFTER
from multicanvas.parts.kafka import Kafka
from multicanvas.parts.ports import Ports
from projects import app as projects_app
from runtime.migrate import migrate
from runtime.service import run
from tests.support.parts import DatabaseFactory
from tests.support.projects_house import KEY_FOLDERS, envelope, settings_for
from tests.support.site import free_port, until_ready


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(
    database: DatabaseFactory, tmp_path_factory: Any
) -> AsyncIterator[tuple[str, str, TokenSigner]]:
    home = Path(tempfile.mkdtemp(prefix="multicanvas-projects-"))
    broker = Kafka(home, Ports(home / "ports.json"))
    kafka = await asyncio.to_thread(broker.start)
    own = await database("projects", projects_app.MIGRATIONS)
    keys = await database("keys", KEY_FOLDERS)
    tokens = TokenSigner.generate("test")
    settings = settings_for(own, keys, tokens, kafka=kafka, http_port=free_port())
    await migrate(own.owner_dsn, projects_app.MIGRATIONS, context_key=settings.context_signing_key)
    store = {
        "MULTICANVAS_OBJECTS": "local",
        "MULTICANVAS_FILES": str(tmp_path_factory.mktemp("files")),
        "MULTICANVAS_FILES_KEY": "0" * 32,
        "MULTICANVAS_PUBLIC_URL": "http://gateway.test",
    }
    os.environ.update(store)
    assert await projects_app.seed_catalogue(settings) > 50
    stop = asyncio.Event()
    service = await projects_app.build(settings)
    task = asyncio.create_task(run([service], stop))
    url = f"http://127.0.0.1:{settings.http_port}"
    await until_ready(url, task)
    yield url, kafka, tokens
    stop.set()
    await task
    broker.stop()
    shutil.rmtree(home, ignore_errors=True)
    for name in store:
        os.environ.pop(name)


async def test_an_edit_reaches_the_bus_and_media_reach_the_project(
    running: tuple[str, str, TokenSigner],
) -> None:
    url, kafka, tokens = running
    token = tokens.sign("ana", "projects", session_id="s", email_verified=True, operator=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(url, headers=headers) as ana:
        project = await told(ana, "post", "/v1/projects", name="Bus", formats=["instagram-square"])
        canvas = project["canvases"][0]["id"]
        path = f"/v1/projects/{project['id']}"
        media_id = uuid4()
        await publish(kafka, media_id)
        ready = {AFTER: f"media/{media_id}=1, media/{project['id']}=0"}
        added = await told(
            ana,
            "post",
            f"{path}/elements",
            canvasId=canvas,
            type="image",
            properties={"media": {"src": f"media:{media_id}"}},
        )
        element = added["element"]["id"]
        await told(ana, "patch", f"{path}/elements/{element}", x=77)
        for _ in range(100):
            answer = await ana.get(f"{path}/preflight", headers=ready)
            if not (await answer.json())["items"]:
                break
            await asyncio.sleep(0.1)
        assert (await (await ana.get(f"{path}/preflight")).json())["items"] == []
    types = await heard(kafka, project["id"])
    assert types == [
        "projects.project_created.v1",
        "projects.element_added.v1",
        "projects.element_edited.v1",
    ]


async def told(session: aiohttp.ClientSession, verb: str, path: str, **body: Any) -> Any:
    answer = await session.request(verb, path, json=body)
    assert answer.status < 300, await answer.text()
    return await answer.json()


async def publish(kafka: str, media_id: Any) -> None:
    data = MediaReady(
        user_id="ana",
        media_type="image",
        mime_type="image/png",
        file_size=10,
        provider="local",
        bucket="multicanvas-media",
        object_key="k",
        width=10,
        height=10,
    )
    message = envelope(data, str(media_id)).model_copy(
        update={"data": data.model_dump(mode="json", by_alias=True)}
    )
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        await producer.send_and_wait(
            topics.MEDIA, message.model_dump_json().encode(), key=str(media_id).encode()
        )
    finally:
        await producer.stop()


async def heard(kafka: str, project_id: str) -> list[str]:
    """Types of a project's messages in their order, within ten seconds."""
    consumer = AIOKafkaConsumer(
        topics.PROJECTS, bootstrap_servers=kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: list[str] = []
    try:
        async with asyncio.timeout(10):
            async for record in consumer:
                message = read(record.value or b"")
                if message.envelope.subject == project_id:
                    found.append(message.envelope.type)
                    if message.envelope.type == ElementEdited.TYPE:
                        return found
    finally:
        await consumer.stop()
    return found
