"""The main job, as the demo does it, and what it leaves behind."""

from pathlib import Path

import av
import pytest
from PIL import Image

from multicanvas.demo import tell
from multicanvas.demo.client import Gateway
from multicanvas.demo.story import EMAIL
from multicanvas.demo.story import PASSWORD as DEMO_PASSWORD
from tests.e2e.conftest import System

SIZES = {
    "instagram-story.mp4": (1080, 1920),
    "tiktok-video.mp4": (1080, 1920),
    "instagram-square.png": (1080, 1080),
    "linkedin-post-landscape.png": (1200, 627),
}


async def test_from_sign_up_to_four_files_that_are_what_was_asked_for(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await tell(system.url, tmp_path)
    told = capsys.readouterr().out
    assert "one causation id" in told
    assert "the override" in told
    assert {path.name for path in tmp_path.iterdir()} == {*SIZES, "overview.png"}
    for name, size in SIZES.items():
        if name.endswith(".mp4"):
            with av.open(str(tmp_path / name)) as container:
                video, audio = container.streams.video[0], container.streams.audio[0]
                assert (video.width, video.height) == size
                assert (video.codec_context.pix_fmt, audio.sample_rate) == ("yuv420p", 48000)
                loudest = max(abs(frame.to_ndarray()).max() for frame in container.decode(audio))
                assert loudest > 0.01, "the clip's sound is there"
        else:
            with Image.open(tmp_path / name) as picture:
                assert picture.size == size


async def test_the_demo_can_be_told_again_by_the_same_person(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await tell(system.url, tmp_path)
    assert "signed in" in capsys.readouterr().out


async def test_a_restarted_system_finds_the_person_and_the_project(system: System) -> None:
    assert system.command("down").returncode == 0
    assert system.command("status").returncode == 1
    started = system.command("up")
    assert started.returncode == 0, started.stdout + started.stderr + system.log_tail()
    async with Gateway.open(system.url) as browser:
        await browser.post("/api/auth/sign-in/email", {"email": EMAIL, "password": DEMO_PASSWORD})
        projects = await browser.get("/v1/projects")
        assert "Forest morning" in {project["name"] for project in projects["items"]}
        first = projects["items"][0]["id"]
        analytics = await browser.get(f"/v1/analytics/projects/{first}")
        assert analytics["totals"]["exportsCompleted"] == 4
