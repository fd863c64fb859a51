"""What is left when a project or a person goes: no row that names them, no word of theirs."""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import asyncpg

from multicanvas.demo.client import Gateway
from multicanvas.demo.story import MEDIA
from multicanvas.secrets import load_secrets
from tests.e2e.conftest import PASSWORD, System, sign_up

DATABASES = ("identity", "projects", "ai", "media", "render", "analytics", "gateway")
FOLLOWED_WITHIN = 5.0
# The trail outlives its project (Q19). The others remember that an id is gone, and nothing else,
# so that a message that comes late does not bring rows back.
KEPT = {"project_analytics", "project_totals"}
TOMBSTONES = {"departed_users", "departed_projects", "forgotten_users", "feed_closed"}

COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = ANY ($1)
"""
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname AS schema
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""


@asynccontextmanager
async def superuser(system: System, database: str) -> AsyncGenerator[Any]:
    secrets = load_secrets(system.home / "secrets.json")
    port = json.loads((system.home / "ports.json").read_text())["postgres"]
    connection = await asyncpg.connect(
        f"postgresql://postgres:{quote(secrets.postgres)}@127.0.0.1:{port}/{database}"
    )
    try:
        yield connection
    finally:
        await connection.close()


async def rows_naming(system: System, columns: list[str], value: str) -> dict[str, int]:
    """How many rows of every database still carry this id, by table."""
    found: dict[str, int] = {}
    for database in DATABASES:
        async with superuser(system, database) as connection:
            for row in await connection.fetch(COLUMNS, columns):
                table, column = row["table_name"], row["column_name"]
                if table in KEPT | TOMBSTONES or table.startswith("project_analytics_"):
                    continue
                count = await connection.fetchval(
                    f'SELECT count(*) FROM "{table}" WHERE "{column}"::text = $1', value
                )
                if count:
                    found[f"{database}.{table}.{column}"] = count
    return found


async def until_nothing_names(system: System, columns: list[str], value: str) -> None:
    end = time.monotonic() + FOLLOWED_WITHIN
    while left := await rows_naming(system, columns, value):
        assert time.monotonic() < end, f"after {FOLLOWED_WITHIN:.0f} s still there: {left}"
        await asyncio.sleep(0.2)


async def tables_telling(system: System, canary: str, *, sealed: bool) -> list[str]:
    """Tables in which the words can be read: the log's own (`sealed`), or all others."""
    found: list[str] = []
    for database in DATABASES:
        async with superuser(system, database) as connection:
            for row in await connection.fetch(TABLES):
                if (row["schema"] == "eventlog") is not sealed:
                    continue
                if await _tells(connection, row["name"], canary):
                    found.append(f"{database}.{row['name']}")
    return found


async def _tells(connection: Any, table: str, canary: str) -> bool:
    needle = canary.encode()
    for row in await connection.fetch(f"SELECT * FROM {table}"):
        for value in row.values():
            raw = value if isinstance(value, bytes) else str(value).encode()
            if needle in raw or (raw[:1] == b"\x78" and needle in _unpacked(raw)):
                return True
    return False


def _unpacked(raw: bytes) -> bytes:
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return b""


def files_telling(folder: Path, canary: str) -> list[str]:
    needle = canary.encode()
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and needle in path.read_bytes()
    ]


async def a_project_with_everything(gateway: Gateway, canary: str) -> dict[str, Any]:
    project = await gateway.post(
        "/v1/projects", {"name": f"Project {canary}", "formats": ["instagram-square"]}
    )
    path = f"/v1/projects/{project['id']}"
    media = await gateway.upload(MEDIA / "coffee.png", "image/png")
    common = {"canvasId": project["canvases"][0]["id"], "startTime": 0, "duration": 5}
    box = {"x": 140, "y": 300, "width": 800, "height": 300}
    text = {
        "content": canary,
        "fontSize": 28,
        "fontFamily": "Inter",
        "fontWeight": "700",
        "color": "#111111",
        "textAlign": "left",
        "lineHeight": 1.2,
        "letterSpacing": 0,
    }
    await gateway.post(
        f"{path}/elements",
        {**common, **box, "type": "text", "name": canary, "properties": {"text": text}},
    )
    await gateway.post(
        f"{path}/elements",
        {
            **common,
            **box,
            "y": 700,
            "type": "image",
            "name": "Photo",
            "properties": {"media": {"src": f"media:{media}"}},
        },
    )
    wanted = await gateway.post(f"{path}/ai/text", {"prompt": f"forest {canary}"})
    await gateway.until(
        f"/v1/ai/generations/{wanted['id']}", lambda g: g["status"] == "completed", "the text"
    )
    size = {"width": 1080, "height": 1080}
    asked = await gateway.post(
        f"{path}/exports",
        {
            "canvasIds": "all",
            "settings": {"format": "png", "quality": "medium", "resolution": size},
        },
    )
    await gateway.until(
        f"/v1/exports/{asked['items'][0]['id']}", lambda e: e["status"] == "completed", "the file"
    )
    return project


async def test_a_deleted_project_leaves_no_row_behind(system: System, gateway: Gateway) -> None:
    project = await a_project_with_everything(gateway, f"CANARY{uuid4().hex}")
    assert await rows_naming(system, ["project_id"], project["id"])
    await gateway.delete(f"/v1/projects/{project['id']}")
    status, _ = await gateway.refused("GET", f"/v1/projects/{project['id']}")
    assert status == 404
    await until_nothing_names(system, ["project_id"], project["id"])


async def test_personal_words_are_sealed_in_the_log_and_gone_when_the_person_goes(
    system: System,
) -> None:
    canary = f"CANARY{uuid4().hex}"
    async with Gateway.open(system.url) as browser:
        user = await sign_up(browser)
        project = await a_project_with_everything(browser, canary)
        assert await tables_telling(system, canary, sealed=True) == [], (
            "the log holds no clear word"
        )
        assert files_telling(system.home / "kafka", canary) == [], "nor do the topics"
        assert canary not in (system.home / "multicanvas.log").read_text(), "nor the log file"
        assert await tables_telling(system, canary, sealed=False), "what people read is there"
        await browser.post("/api/auth/delete-user", {"password": PASSWORD})
        assert await browser.get("/api/auth/get-session") is None
    await until_nothing_names(system, ["user_id", "owner_id", "created_by"], user)
    await until_nothing_names(system, ["project_id"], project["id"])
    assert await tables_telling(system, canary, sealed=False) == []
    async with superuser(system, "keys") as keys:
        assert await keys.fetchval("SELECT count(*) FROM keys WHERE user_id = $1", user) == 0


async def test_leaving_through_the_api_is_the_same(system: System) -> None:
    async with Gateway.open(system.url) as browser:
        user = await sign_up(browser)
        await browser.delete("/v1/me")
        assert await browser.get("/api/auth/get-session") is None
    await until_nothing_names(system, ["user_id", "owner_id"], user)
