"""Keys cannot lead out, names cannot break a header, settings are complete or refused."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from objects import ObjectSettings, open_store
from objects.store import attachment, checked_key


@pytest.mark.parametrize("key", ["a", "a/b.png", "generated/0192/ü ö.png", "...a/b..c"])
def test_an_ordinary_key_is_one(key: str) -> None:
    assert checked_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        ".",
        "a\\b",
        "a\0b",
        "a\nb",
        "x" * 901,
    ],
)
def test_a_key_that_could_lead_out_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        checked_key(key)


def test_a_download_keeps_its_name_in_any_script() -> None:
    assert attachment("Sommer größe.mp4") == (
        "attachment; filename=\"Sommer gre.mp4\"; filename*=UTF-8''Sommer%20gr%C3%B6%C3%9Fe.mp4"
    )


@pytest.mark.parametrize("name", ['a"; x=1', "a\r\nSet-Cookie: x", "../../a", "", "絵"])
def test_a_download_name_cannot_break_the_header(name: str) -> None:
    header = attachment(name)
    assert "\n" not in header
    assert "\r" not in header
    assert header.count('"') == 2
    assert "/" not in header.replace("filename*=UTF-8''", "")
    assert 'filename=""' not in header


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OBJECTS": "s3",
        "S3_ENDPOINT": "http://127.0.0.1:9000",
        "S3_PUBLIC_ENDPOINT": "https://files.example.org",
        "S3_ACCESS_KEY": "k",
        "S3_SECRET_KEY": "canary",
    }.items():
        monkeypatch.setenv(f"MULTICANVAS_{name}", value)
    settings = ObjectSettings()
    assert "canary" not in repr(settings)
    store = open_store(settings)
    assert store.provider == "s3"
    # No server runs at either address: signing asks nobody.
    assert store.sign_get("multicanvas-media", "a").startswith("https://files.example.org/")


def test_a_local_store_without_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FILES_KEY"):
        open_store(ObjectSettings(provider="local", files=tmp_path, public_url="http://g"))
    store = open_store(
        ObjectSettings(
            provider="local",
            files=tmp_path,
            files_key=SecretStr("k" * 32),
            public_url="http://g",
        )
    )
    assert store.provider == "local"
