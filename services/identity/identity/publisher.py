"""Which fact of the domain becomes which message: each exactly one."""

from contracts import identity as messages
from eventlog.published import Published
from identity.domain import Account, Session, User

PUBLISHED = Published(
    {
        User.Created: messages.UserCreated,
        User.Edited: messages.UserEdited,
        User.Deleted: messages.UserDeleted,
        User.PasswordChanged: messages.PasswordChanged,
        Account.Created: messages.AccountLinked,
        Session.Created: messages.SessionStarted,
        Session.Ended: messages.SessionEnded,
    }
)
