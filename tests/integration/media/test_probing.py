"""Untrusted files in the probing child: what they are, and what is refused."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from media.adapters.probing import FileRefused, probe
from runtime.jail import open_jail

MEDIA = Path(__file__).parents[2] / "media"
JAIL = open_jail()


async def test_a_photograph_is_measured_cleaned_and_made_small(tmp_path: Path) -> None:
    found = await probe(MEDIA / "coffee.png", "image/png", tmp_path, JAIL)
    assert (found.width, found.height, found.duration) == (600, 400, None)
    assert found.clean is not None
    assert found.thumbnail is not None
    with Image.open(found.thumbnail) as small:
        assert small.format == "WEBP"
        assert max(small.size) == 400


async def test_what_a_camera_wrote_beside_the_picture_is_taken_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif[0x0112] = 6  # turned by 90°
    file = tmp_path / "turned.jpg"
    Image.new("RGB", (80, 40), "red").save(file, "JPEG", exif=exif)
    out = tmp_path / "out"
    out.mkdir()
    found = await probe(file, "image/jpeg", out, JAIL)
    assert (found.width, found.height) == (40, 80), "the turn is applied"
    assert found.clean is not None
    assert b"SECRET" not in found.clean.read_bytes()


async def test_a_clip_is_measured_with_its_sound(tmp_path: Path) -> None:
    found = await probe(MEDIA / "bigbuckbunny.mp4", "video/mp4", tmp_path, JAIL)
    assert (found.width, found.height, found.has_audio) == (1280, 720, True)
    assert found.duration == pytest.approx(5.3, abs=0.1)
    assert found.thumbnail is not None


async def test_a_silent_clip_is_known_as_silent(tmp_path: Path) -> None:
    found = await probe(MEDIA / "bikes.mp4", "video/mp4", tmp_path, JAIL)
    assert not found.has_audio


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (PLAYLIST, "video/mp4"),
        (SVG, "image/png"),
        (b"<html><script>", "image/jpeg"),
        (b"", "image/png"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png"),
        ((MEDIA / "coffee.png").read_bytes()[:2000], "image/png"),
        ((MEDIA / "bikes.mp4").read_bytes()[:3000], "video/mp4"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4"),
        ((MEDIA / "coffee.png").read_bytes(), "image/jpeg"),
        ((MEDIA / "coffee.png").read_bytes(), "video/mp4"),
        ((MEDIA / "bikes.mp4").read_bytes(), "audio/mpeg"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused_with_a_reason(
    content: bytes, mime_type: str, tmp_path: Path
) -> None:
    file = tmp_path / "upload"
    file.write_bytes(content)
    with pytest.raises(FileRefused, match=r"\w"):
        await probe(file, mime_type, tmp_path, JAIL)


async def test_a_picture_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    side = 60_000
    rows = zlib.compress(b"\0" * 1000) * 10

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = io.BytesIO()
    bomb.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows))
    bomb.write(chunk(b"IEND", b""))
    file = tmp_path / "bomb.png"
    file.write_bytes(bomb.getvalue())
    with pytest.raises(FileRefused):
        await probe(file, "image/png", tmp_path, JAIL)
