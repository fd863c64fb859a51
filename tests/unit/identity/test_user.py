"""A person's rules: given what happened, when something is asked, then this is recorded."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from eventlog.domain import DomainEvent, Refusal
from identity.domain import Account, Session, User


def given_a_user() -> User:
    user = User.sign_up(uuid4(), name="Ana", email="ana@example.org", image=None)
    user.collect_events()
    return user


def data_of(event: object) -> dict[str, object]:
    assert isinstance(event, DomainEvent)
    return event.model_dump(
        by_alias=True,
        exclude={"originator_id", "originator_version", "timestamp", "originator_topic"},
    )


def test_signing_up_records_exactly_what_the_contract_tells() -> None:
    user = User.sign_up(uuid4(), name="Ana", email="ana@example.org", image=None)
    (created,) = user.collect_events()
    assert data_of(created) == {
        "name": "Ana",
        "email": "ana@example.org",
        "image": None,
        "emailVerified": False,
    }


def test_an_edit_records_what_changed_and_nothing_else() -> None:
    user = given_a_user()
    user.edit(name="Ana", image="https://example.org/a.png")
    (edited,) = user.collect_events()
    assert data_of(edited) == {
        "name": None,
        "image": "https://example.org/a.png",
        "cleared": (),
    }


def test_an_edit_to_what_is_there_already_records_nothing() -> None:
    user = given_a_user()
    user.edit(name="Ana", image=None)
    user.edit()
    assert not user.collect_events()


def test_a_picture_is_cleared_by_name() -> None:
    user = given_a_user()
    user.edit(image="https://example.org/a.png")
    user.edit(image=None)
    *_, cleared = user.collect_events()
    assert data_of(cleared) == {"name": None, "image": None, "cleared": ("image",)}
    assert user.image is None
    assert user.name == "Ana"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_out_of_bounds_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        given_a_user().edit(name=name)
    assert (refused.value.code, refused.value.status) == ("invalid_name", 422)


@pytest.mark.parametrize(
    "image", ["http://example.org", "javascript:x", "data:,", "https://" + "x" * 2048]
)
def test_a_picture_is_an_https_address(image: str) -> None:
    with pytest.raises(Refusal) as refused:
        given_a_user().edit(image=image)
    assert refused.value.code == "invalid_image"


def test_a_deleted_user_does_nothing_any_more() -> None:
    user = given_a_user()
    user.delete()
    (deleted,) = user.collect_events()
    assert data_of(deleted) == {}
    for act in (user.delete, user.change_password, lambda: user.edit(name="B")):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.status == 404


def test_everything_of_a_person_is_sealed_with_the_persons_key() -> None:
    user = given_a_user()
    session = Session.start(
        uuid4(),
        user_id=str(user.id),
        expires_at=datetime.now(UTC),
        ip_address=None,
        user_agent=None,
    )
    account = Account.link(uuid4(), user_id=str(user.id), provider_id="credential")
    assert user.key_scope == session.key_scope == account.key_scope
    assert user.key_scope.user_id == str(user.id)


def test_a_session_ends_once() -> None:
    session = Session.start(
        uuid4(), user_id="u", expires_at=datetime.now(UTC), ip_address=None, user_agent=None
    )
    session.collect_events()
    session.end("revoked")
    session.end("signed_out")
    (ended,) = session.collect_events()
    assert data_of(ended) == {"userId": "u", "reason": "revoked"}


def test_history_without_its_key_still_replays() -> None:
    event = User.Created(
        originator_id=uuid4(),
        originator_version=1,
        timestamp=datetime.now(UTC),
        originator_topic="identity.user",
    )
    user = event.mutate(None)
    assert user is not None
    assert user.email is None
