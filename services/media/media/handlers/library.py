"""Commands on files that are in the library."""

from eventlog import AggregateNotFound, Answer, IdempotencyKey, Unit
from media.commands import DeleteMedia
from media.domain import refusals
from media.domain.asset import Asset
from media.handlers.desk import Desk
from media.projections import doomed
from runtime.context import Context


async def delete_media(
    desk: Desk, command: DeleteMedia, context: Context, key: IdempotencyKey | None
) -> Answer:
    """No new URL is signed from here on; the bytes go with the next sweep. Raises Refusal."""

    async def work(unit: Unit) -> Answer:
        try:
            asset = await unit.load(Asset, command.media_id)
        except AggregateNotFound:
            raise refusals.unknown_media() from None
        if asset.is_deleted:
            raise refusals.unknown_media()
        asset.delete()
        unit.record(asset)
        await doomed.add(unit.connection, f"media/{asset.user_id}/{asset.id}/")
        return Answer(204)

    return await desk.log.run(context, work, idempotency=key)
