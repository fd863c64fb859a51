"""Runs alone in a limited child process: opens one untrusted file and prints what it is as JSON.

`python -m media.adapters.probe_child <mime type> <file> <folder for outputs>`. Writes
`clean.<ext>` (images, re-encoded without metadata) and `thumbnail.webp`. Exit code 3 and a reason
on stdout when the file is not what it says.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any, cast

CPU_SECONDS = 30
ADDRESS_SPACE = 3_000_000_000
LARGEST_OUTPUT = 200_000_000
LARGEST_IMAGE_PIXELS = 50_000_000
LARGEST_VIDEO_PIXELS = 4096 * 2304
LONGEST_SECONDS = 3600
MOST_STREAMS = 8
THUMBNAIL_PIXELS = 400


class NotWhatItSays(Exception):
    """The content does not fit the announced type, or is beyond our limits."""


def limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def probe_image(path: Path, mime_type: str, out: Path) -> dict[str, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = LARGEST_IMAGE_PIXELS // 2
    pillow_format = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}[mime_type]
    with Image.open(path, formats=(pillow_format,)) as opened:
        if opened.width * opened.height > LARGEST_IMAGE_PIXELS:
            raise NotWhatItSays("the picture has too many pixels")
        picture = ImageOps.exif_transpose(opened)
    if picture.mode not in ("RGB", "RGBA"):
        picture = picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
    extension = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}[pillow_format]
    clean = picture.convert("RGB") if pillow_format == "JPEG" else picture
    options = {"JPEG": {"quality": 93}, "PNG": {"compress_level": 4}, "WEBP": {"quality": 92}}
    clean.save(out / f"clean.{extension}", pillow_format, **options[pillow_format])
    write_thumbnail(picture, out)
    return {"width": picture.width, "height": picture.height}


def write_thumbnail(picture: Any, out: Path) -> None:
    small = picture.copy()
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    small.save(out / "thumbnail.webp", "WEBP", quality=80)


def probe_timed(path: Path, demuxer: str, wants_video: bool, out: Path) -> dict[str, Any]:
    import av

    with av.open(str(path), format=demuxer, metadata_errors="ignore") as container:
        if len(container.streams) > MOST_STREAMS:
            raise NotWhatItSays("the file has too many streams")
        seconds = container.duration / 1_000_000 if container.duration else 0.0
        if not 0 < seconds <= LONGEST_SECONDS:
            raise NotWhatItSays("the file has no readable duration, or is over an hour long")
        found: dict[str, Any] = {
            "duration": round(seconds, 3),
            "hasAudio": bool(container.streams.audio),
        }
        if not wants_video:
            if not container.streams.audio:
                raise NotWhatItSays("the file has no sound")
            return found
        if not container.streams.video:
            raise NotWhatItSays("the file has no picture")
        stream = container.streams.video[0]
        if stream.width * stream.height > LARGEST_VIDEO_PIXELS:
            raise NotWhatItSays("the video has too many pixels")
        frame = next(container.decode(stream), None)
        if frame is None:
            raise NotWhatItSays("no frame could be decoded")
        write_thumbnail(cast(Any, frame).to_image(), out)
        return {**found, "width": stream.width, "height": stream.height}


def probe(mime_type: str, path: Path, out: Path) -> dict[str, Any]:
    from media.adapters.file_types import ACCEPTED, looks_like

    expected = ACCEPTED[mime_type]
    if not looks_like(path, expected):
        raise NotWhatItSays(f"the content is not {mime_type}")
    if expected.media_type == "image":
        return probe_image(path, mime_type, out)
    return probe_timed(path, expected.demuxer or "mp4", expected.media_type == "video", out)


def main(arguments: list[str]) -> int:
    mime_type, path, out = arguments
    limit_this_process()
    try:
        found = probe(mime_type, Path(path), Path(out))
    except NotWhatItSays as refusal:
        sys.stdout.write(json.dumps({"refused": str(refusal)}))
        return 3
    except Exception as error:
        # Decoders raise anything for damaged or hostile content; their words may quote it.
        sys.stdout.write(json.dumps({"refused": f"it cannot be read ({type(error).__name__})"}))
        return 3
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
