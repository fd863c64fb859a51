"""What has to be there before services start: databases, tables, topics, buckets, shipped data."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from auth import KEYS_MIGRATIONS
from eventlog.topics_admin import ensure_topics
from multicanvas.environment import database_dsn
from multicanvas.installed import Installed
from multicanvas.parts import Endpoints
from multicanvas.progress import Progress
from multicanvas.secrets import DATABASES, Secrets
from objects import BUCKETS, ObjectSettings, open_store
from runtime.migrate import migrate
from runtime.provision import RolePasswords, provision


@dataclass(frozen=True)
class Preparation:
    """`starting` has a task for each part that is still coming up, by its name."""

    services: Sequence[Installed]
    endpoints: Endpoints
    secrets: Secrets
    starting: Mapping[str, asyncio.Task[None]]
    progress: Progress

    async def part(self, name: str) -> None:
        """Waits until the part answers. Raises PartFailed when it does not start."""
        if name in self.starting:
            await asyncio.shield(self.starting[name])


async def prepare(to_do: Preparation) -> None:
    """Makes what is missing, each as soon as its part answers; where everything is there it only
    looks. Several may run at once. The services' settings must be in the environment already.
    """
    await asyncio.gather(_databases(to_do), _topics(to_do), _buckets(to_do))


async def _databases(to_do: Preparation) -> None:
    await to_do.part("postgres")
    secrets, postgres = to_do.secrets, to_do.endpoints.postgres
    passwords = {
        name: RolePasswords(**{part: SecretStr(word) for part, word in secrets.roles[name].items()})
        for name in DATABASES
    }
    await provision(postgres, passwords)
    owner = database_dsn(postgres, "keys", "owner", secrets.roles["keys"]["owner"])
    applied = await asyncio.gather(
        migrate(owner, [("keys", KEYS_MIGRATIONS)], context_key=None),
        *(_migrate(service) for service in to_do.services),
    )
    count = sum(len(files) for files in applied)
    to_do.progress.step(f"databases ready, {count} migrations applied")
    for service in to_do.services:
        if service.seed is not None:
            new = await service.seed(service.settings())
            to_do.progress.step(f"shipped data of {service.name} ready, {new} new")


async def _migrate(service: Installed) -> list[str]:
    settings = service.settings()
    return await migrate(
        settings.owner_dsn.get_secret_value(),
        service.migrations,
        context_key=settings.context_signing_key,
    )


async def _topics(to_do: Preparation) -> None:
    await to_do.part("kafka")
    created = await ensure_topics(to_do.endpoints.kafka)
    to_do.progress.step(f"topics ready, {len(created)} created")


async def _buckets(to_do: Preparation) -> None:
    await to_do.part("seaweed")
    s3 = to_do.endpoints.s3
    store = open_store(
        ObjectSettings(s3_access_key=s3.access_key, s3_secret_key=SecretStr(s3.secret_key))
    )
    for bucket in BUCKETS:
        await store.ensure_bucket(bucket)
    to_do.progress.step(f"buckets ready ({store.provider})")
