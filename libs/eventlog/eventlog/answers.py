"""What a command answers, and the answers kept for repeated requests."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from eventlog.domain import KeyScope
from eventlog.errors import KeyReused
from eventlog.sealing import Sealer
from runtime.database import Connection


@dataclass(frozen=True)
class Answer:
    """The HTTP answer of a command.

    `body` is JSON-able. `etag` is the version in quotes. `wrote` names the aggregates written, as
    (`<service>/<id>`, version); the log fills it in. `shown_once` holds JSON Pointers into `body`
    of secrets, which are stored as null, so that a repeated request does not show them again.
    """

    status: int
    body: Any = None
    etag: str | None = None
    wrote: tuple[tuple[str, int], ...] = ()
    shown_once: tuple[str, ...] = ()


@dataclass(frozen=True)
class IdempotencyKey:
    """The client's key and the SHA-256 of method, path with query, and body."""

    key: str
    request_hash: bytes


class StoredAnswers:
    """Reads and writes the answers of an actor's own keys; bodies are encrypted whole."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def read(
        self, connection: Connection, actor: str, idempotency: IdempotencyKey
    ) -> Answer | None:
        """The answer given before. Raises KeyReused when the request was another one.

        When the key of what it tells is forgotten, the answer comes without its body.
        """
        row = await connection.fetchrow(
            "SELECT * FROM eventlog.idempotent_answer($1)", idempotency.key
        )
        if row is None:
            return None
        if bytes(row["request_hash"]) != idempotency.request_hash:
            raise KeyReused
        stored, plain = bytes(row["body"]), None
        if stored:
            plain = await self._sealer.decrypt(stored, _aad(actor, idempotency.key))
        return Answer(
            status=row["status"],
            body=None if plain is None else orjson.loads(plain),
            etag=row["etag"],
            wrote=read_wrote(row["wrote"]),
        )

    async def encrypt(
        self, actor: str, idempotency: IdempotencyKey, answer: Answer, scope: KeyScope | None
    ) -> bytes:
        """The body as it is stored, under the key of what was written, else the actor's own.

        An answer without a body needs no key: it may be the one to an erasure.
        """
        if answer.body is None:
            return b""
        body = orjson.dumps(_without(answer.body, answer.shown_once), option=orjson.OPT_UTC_Z)
        owner = scope or KeyScope("user", actor, user_id=actor)
        return await self._sealer.encrypt(body, _aad(actor, idempotency.key), owner)


def write_wrote(wrote: tuple[tuple[str, int], ...]) -> str:
    """`projects/<id>=3, projects/<id>=1`: the header Multicanvas-Wrote."""
    return ", ".join(f"{subject}={version}" for subject, version in wrote)


def read_wrote(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (part.rsplit("=", 1) for part in text.split(", ") if part)
    return tuple((subject, int(version)) for subject, version in pairs)


def with_wrote(answer: Answer, wrote: tuple[tuple[str, int], ...]) -> Answer:
    return answer if answer.wrote else replace(answer, wrote=wrote)


def _aad(actor: str, key: str) -> bytes:
    return f"answer|{actor}|{key}".encode()


def _without(body: Any, pointers: tuple[str, ...]) -> Any:
    if not pointers:
        return body
    copied = orjson.loads(orjson.dumps(body))
    for pointer in pointers:
        *path, last = pointer.removeprefix("/").split("/")
        place: Any = copied
        for part in path:
            place = place[_step(place, part)]
        place[_step(place, last)] = None
    return copied


def _step(place: Any, part: str) -> str | int:
    return int(part) if isinstance(place, list) else part
