"""What has to be there before services start: databases, tables, topics, buckets."""

import asyncio

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


async def prepare(
    services: list[Installed], endpoints: Endpoints, secrets: Secrets, progress: Progress
) -> None:
    """Makes what is missing; where everything is there it only looks. Several may run at once.

    The services' settings must be in the environment already.
    """
    await asyncio.gather(
        _databases(services, endpoints, secrets, progress),
        _topics(endpoints, progress),
        _buckets(progress),
    )


async def _databases(
    services: list[Installed], endpoints: Endpoints, secrets: Secrets, progress: Progress
) -> None:
    passwords = {
        name: RolePasswords(**{part: SecretStr(word) for part, word in secrets.roles[name].items()})
        for name in DATABASES
    }
    await provision(endpoints.postgres, passwords)
    owner = database_dsn(endpoints.postgres, "keys", "owner", secrets.roles["keys"]["owner"])
    applied = await asyncio.gather(
        migrate(owner, [("keys", KEYS_MIGRATIONS)], context_key=None),
        *(_migrate(service) for service in services),
    )
    progress.step(f"databases ready, {sum(len(files) for files in applied)} migrations applied")


async def _migrate(service: Installed) -> list[str]:
    settings = service.settings()
    return await migrate(
        settings.owner_dsn.get_secret_value(),
        service.migrations,
        context_key=settings.context_signing_key,
    )


async def _topics(endpoints: Endpoints, progress: Progress) -> None:
    created = await ensure_topics(endpoints.kafka)
    progress.step(f"topics ready, {len(created)} created")


async def _buckets(progress: Progress) -> None:
    store = open_store(ObjectSettings())
    for bucket in BUCKETS:
        await store.ensure_bucket(bucket)
    progress.step(f"object store ready ({store.provider})")
