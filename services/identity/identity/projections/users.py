"""The table `users`: what the facts about a person add up to."""

from eventlog.domain import DomainEvent
from identity.domain import User
from runtime.database import Connection


class Users:
    """Sessions and accounts of a deleted user go with the row (cascade)."""

    async def apply(self, connection: Connection, event: DomainEvent) -> None:
        user_id = str(event.originator_id)
        match event:
            case User.Created():
                await connection.execute(
                    """insert into users (id, name, email, email_verified, image,
                                          created_at, updated_at)
                       values ($1, $2, $3, $4, $5, $6, $6)""",
                    user_id,
                    event.name,
                    event.email,
                    event.email_verified,
                    event.image,
                    event.timestamp,
                )
            case User.Edited():
                await connection.execute(
                    """update users set name = coalesce($2, name),
                              image = case when $4 then null else coalesce($3, image) end,
                              updated_at = $5
                        where id = $1""",
                    user_id,
                    event.name,
                    event.image,
                    "image" in event.cleared,
                    event.timestamp,
                )
            case User.Deleted():
                await connection.execute("delete from users where id = $1", user_id)
            case _:
                pass
