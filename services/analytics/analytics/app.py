"""Composition root: settings in, a service that can run out. Holds no key: reads what is open."""

from pathlib import Path

import auth
import auth.http
import eventlog
import runtime
from analytics.api import projects
from analytics.handlers import Desk
from analytics.projections.project_analytics import ProjectAnalytics
from analytics.projections.project_totals import ProjectTotals
from analytics.publisher import PUBLISHED
from analytics.settings import AnalyticsSettings
from analytics.subscribers import ForgottenUsers
from analytics.worker import Partitions
from auth.project_access import ProjectAccess
from auth.sealing import BlindSealer
from eventlog import Consumer, EventLog, Relay, awaiting
from eventlog.awaiting import Awaiting
from runtime.context import ContextSigner
from runtime.cursors import Cursors
from runtime.database import open_pools
from runtime.http import create_app
from runtime.service import Service

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("auth", auth.PROJECT_ACCESS_MIGRATIONS),
    ("analytics", Path(__file__).parent / "migrations"),
)
HEARD = frozenset({"projects", "ai", "render", "analytics", "identity"})


async def build(settings: AnalyticsSettings) -> Service:
    pools = await open_pools(settings)
    sealer = BlindSealer()
    signer = ContextSigner(settings.context_signing_key)
    relay = Relay(settings.SERVICE, pools.worker, settings.kafka, PUBLISHED)
    log = EventLog(
        service=settings.SERVICE,
        pools=pools,
        signer=signer,
        keys=sealer,
        published=PUBLISHED,
        on_commit=relay.wake,
    )
    consumer = Consumer(
        service=settings.SERVICE,
        pools=pools,
        kafka=settings.kafka,
        projections=[ProjectAccess(), ProjectAnalytics(), ProjectTotals()],
        reactions=[ForgottenUsers()],
        unsealer=sealer.unseal,
    )
    checks = {"database": lambda: pools.app.execute("select 1")}
    app = create_app(settings.SERVICE, title="Multicanvas analytics", checks=checks)
    auth.http.install(app, settings)
    awaiting.install(app, Awaiting(pools.app, settings.SERVICE, HEARD))
    app.state.desk = Desk(log, pools, signer)
    app.state.cursors = Cursors(settings.context_signing_key)
    app.include_router(projects.router)
    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "relay": relay.run,
            "consumer": consumer.run,
            "snapshots": log.snapshots,
            "partitions": Partitions(pools.worker).run,
        },
        on_stop=[pools.close],
        checks=checks,
    )
