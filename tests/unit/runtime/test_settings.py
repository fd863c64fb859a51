"""Settings come from the environment, per service where they must, and never show a value."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr, ValidationError

from runtime.settings import ServiceSettings


class Bakery(ServiceSettings):
    SERVICE: ClassVar[str] = "bakery"
    PER_SERVICE: ClassVar[frozenset[str]] = ServiceSettings.PER_SERVICE | {"ovens"}

    ovens: int = 1
    sorts: list[str] = []


class Dairy(Bakery):
    SERVICE: ClassVar[str] = "dairy"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    values = {
        "BAKERY_APP_DSN": "postgresql://bakery_app:pw-canary@h/bakery",
        "BAKERY_WORKER_DSN": "w",
        "BAKERY_OWNER_DSN": "o",
        "BAKERY_HTTP_PORT": "8101",
        "KAFKA": "k:9092",
        "CONTEXT_KEY": "ab" * 32,
        "TOKEN_PUBLIC_KEYS": "{}",
        "INTERNAL_SECRET": "s",
        "PUBLIC_URL": "http://127.0.0.1:8080",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"MULTICANVAS_{name}", value)
    return monkeypatch


def make(kind: type[ServiceSettings] = Bakery) -> Any:
    return kind()  # pyright: ignore[reportCallIssue] - the environment fills the fields


def test_a_service_reads_shared_and_its_own_variables(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MULTICANVAS_BAKERY_OVENS", "3")
    environment.setenv("MULTICANVAS_SORTS", '["rye", "spelt"]')
    settings = make()
    assert (settings.http_port, settings.kafka, settings.ovens) == (8101, "k:9092", 3)
    assert settings.sorts == ["rye", "spelt"]


def test_one_service_never_reads_the_login_of_another(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refused:
        make(Dairy)
    missing = {error["loc"][0] for error in refused.value.errors()}
    assert {"app_dsn", "worker_dsn", "owner_dsn", "http_port"} <= missing


def test_a_secret_may_come_from_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dsn").write_text("from-a-file\n")
    environment.delenv("MULTICANVAS_BAKERY_APP_DSN")
    environment.setenv("MULTICANVAS_BAKERY_APP_DSN_FILE", str(tmp_path / "dsn"))
    assert make().app_dsn.get_secret_value() == "from-a-file"


def test_neither_settings_nor_their_errors_show_a_secret(
    environment: pytest.MonkeyPatch,
) -> None:
    assert "pw-canary" not in repr(make())
    environment.setenv("MULTICANVAS_BAKERY_HTTP_PORT", "port-canary")
    with pytest.raises(ValidationError) as refused:
        make()
    assert "canary" not in str(refused.value)


def test_each_service_signs_its_context_with_a_key_of_its_own(
    environment: pytest.MonkeyPatch,
) -> None:
    bakery = make()
    dairy = Dairy.model_construct(context_key=SecretStr("ab" * 32))
    assert len(bakery.context_signing_key) == 32
    assert bakery.context_signing_key != dairy.context_signing_key


def test_a_short_context_key_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MULTICANVAS_CONTEXT_KEY", "ab")
    with pytest.raises(ValueError, match="32 bytes"):
        _ = make().context_signing_key


def test_operators_are_compared_in_lower_case(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MULTICANVAS_OPERATORS", "Ada@Example.org, u7,")
    assert make().operator_names == {"ada@example.org", "u7"}
