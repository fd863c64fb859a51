"""A person who signs in: name, e-mail, picture. The password itself is no fact and stays a row."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, Refusal, event

MAX_NAME = 200
MAX_IMAGE = 2048


class Kept:
    """Marks a member of an edit that stays as it is; None would clear it."""


KEPT: Final = Kept()


class User(Aggregate):
    TOPIC: ClassVar[str] = "identity.user"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "identity.user_created"
        SEALED: ClassVar[tuple[str, ...]] = ("/name", "/email", "/image")
        name: str | None = None
        email: str | None = None
        image: str | None = None
        email_verified: bool = False

    class Edited(Aggregate.Event):
        TOPIC: ClassVar[str] = "identity.user_edited"
        SEALED: ClassVar[tuple[str, ...]] = ("/name", "/image")
        name: str | None = None
        image: str | None = None
        cleared: tuple[Literal["image"], ...] = ()

    class Deleted(Aggregate.Event):
        TOPIC: ClassVar[str] = "identity.user_deleted"

    class PasswordChanged(Aggregate.Event):
        TOPIC: ClassVar[str] = "identity.password_changed"

    @classmethod
    def sign_up(cls, user_id: UUID, *, name: str, email: str, image: str | None) -> "User":
        """A new person. Refuses names and pictures out of bounds."""
        _check_name(name)
        _check_image(image)
        return cls(id=user_id, name=name, email=email, image=image)

    @event(Created)
    def __init__(
        self,
        id: UUID,  # noqa: A002 - the name by which the library hands over the aggregate's id
        name: str | None = None,
        email: str | None = None,
        image: str | None = None,
        email_verified: bool = False,
    ) -> None:
        self.name = name
        self.email = email
        self.image = image
        self.email_verified = email_verified
        self.deleted = False

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("user", str(self.id), user_id=str(self.id))

    def edit(self, *, name: str | Kept = KEPT, image: str | Kept | None = KEPT) -> None:
        """Change what was given; values equal to the present ones record nothing."""
        self._check_alive()
        new_name = None if isinstance(name, Kept) or name == self.name else name
        new_image = None if isinstance(image, Kept) or image == self.image else image
        cleared = image is None and self.image is not None
        if new_name is not None:
            _check_name(new_name)
        _check_image(new_image)
        if new_name is not None or new_image is not None or cleared:
            self._edit(new_name, new_image, ("image",) if cleared else ())

    @event(Edited)
    def _edit(
        self, name: str | None, image: str | None, cleared: tuple[Literal["image"], ...]
    ) -> None:
        self.name = name if name is not None else self.name
        self.image = None if "image" in cleared else image if image is not None else self.image

    def change_password(self) -> None:
        self._check_alive()
        self._change_password()

    @event(PasswordChanged)
    def _change_password(self) -> None:
        pass

    def delete(self) -> None:
        self._check_alive()
        self._delete()

    @event(Deleted)
    def _delete(self) -> None:
        self.deleted = True
        self.name = self.email = self.image = None

    def _check_alive(self) -> None:
        if self.deleted:
            raise Refusal("user_deleted", "This user no longer exists.", status=404)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME:
        raise Refusal("invalid_name", f"A name has 1 to {MAX_NAME} characters.", status=422)


def _check_image(image: str | None) -> None:
    if image is None:
        return
    if len(image) > MAX_IMAGE or not image.startswith("https://"):
        raise Refusal(
            "invalid_image",
            f"A picture is an https URL of at most {MAX_IMAGE} characters.",
            status=422,
        )
