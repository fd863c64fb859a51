"""One export from beginning to end: plan, paint, encode, check, thumbnail."""

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import orjson

from render.renderer import graph
from render.renderer.clips import PlacedClip, mask_frames, place_clip
from render.renderer.encoders import BUILD
from render.renderer.errors import MissingAsset, RenderFailure
from render.renderer.feeds import Feed
from render.renderer.jail import Jail, open_jail
from render.renderer.layers import moving_frames, paint_base, paint_still
from render.renderer.media import Clip, find_asset, probe
from render.renderer.options import ExportSettings
from render.renderer.outputs import Made, check_still, check_video, video_frame, write_thumbnail
from render.renderer.pictures import JobPictures
from render.renderer.plan import ClipLayer, MovingLayer, Plan, StillLayer, make_plan
from render.renderer.process import run_ffmpeg
from render.renderer.stills import paint_still_picture, still_time, write_still
from render.renderer.tools import ffmpeg_version
from scene.document import Document, document_hash
from scene.draw import MissingPicture
from scene.fonts import families


@dataclass(frozen=True)
class Progress:
    """`share` 0–1 of the whole job; frames are the video's (one for a still)."""

    share: float
    frames_done: int
    frames_total: int
    stage: str


@dataclass(frozen=True)
class Rendered:
    """The checked file and its thumbnail (a JPEG)."""

    made: Made
    thumbnail: Path


OnProgress = Callable[[Progress], None]


def render(
    document: Document,
    settings: ExportSettings,
    assets_dir: Path,
    out_path: Path,
    on_progress: OnProgress | None = None,
    *,
    jail: Jail | None = None,
    stop: threading.Event | None = None,
) -> Rendered:
    """Renders one canvas to `out_path`; assets lie in `assets_dir` under their media ids.

    Blocks (run it in a process or thread of its own). The thumbnail lies beside the file, named
    `<out_path>.thumbnail.jpg`. Raises `RenderFailure` with a message for people; then there is
    no file.
    """
    told = on_progress or _untold
    chosen = jail if jail is not None else open_jail()
    with tempfile.TemporaryDirectory(prefix="render-", dir=out_path.parent) as name:
        work = Path(name)
        pictures = JobPictures(assets_dir, work, chosen)
        try:
            if settings.is_still:
                return _still(document, settings, pictures, out_path, told)
            job = _VideoJob(document, settings, assets_dir, out_path, work, pictures, chosen)
            return job.run(told, stop)
        except MissingPicture as error:
            raise MissingAsset("A picture of this design is no longer there.") from error


def _untold(progress: Progress) -> None:
    """For callers that do not ask."""


def thumbnail_path(out_path: Path) -> Path:
    return out_path.with_name(f"{out_path.name}.thumbnail.jpg")


def _still(
    document: Document,
    settings: ExportSettings,
    pictures: JobPictures,
    out: Path,
    told: OnProgress,
) -> Rendered:
    told(Progress(0.1, 0, 1, "painting"))
    pixels = paint_still_picture(document, settings, pictures)
    told(Progress(0.6, 0, 1, "encoding"))
    image = write_still(pixels, settings, out)
    width, height = settings.size(document)
    made = check_still(out, width, height, settings.mime_type)
    write_thumbnail(image, thumbnail_path(out))
    told(Progress(1.0, 1, 1, "done"))
    return Rendered(made, thumbnail_path(out))


class _VideoJob:
    def __init__(
        self,
        document: Document,
        settings: ExportSettings,
        assets: Path,
        out: Path,
        work: Path,
        pictures: JobPictures,
        jail: Jail,
    ) -> None:
        self.plan: Plan = make_plan(document, settings)
        self.assets, self.out, self.work = assets, out, work
        self.pictures, self.jail = pictures, jail
        self.clips: dict[str, Clip] = {}
        self.feeds: list[Feed] = []

    def run(self, told: OnProgress, stop: threading.Event | None) -> Rendered:
        total = self.plan.frames
        told(Progress(0.0, 0, total, "painting"))
        base = self.work / "base.rgba"
        base.write_bytes(paint_base(self.plan, self.pictures).tobytes())
        layers = [self._source(layer, at) for at, layer in enumerate(self.plan.layers)]
        sounds = self._sounds()
        made_at = self.work / f"made.{self.plan.settings.format}"
        arguments = graph.build(self.plan, base, layers, sounds, made_at)
        told(Progress(0.05, 0, total, "encoding"))
        self._encode(arguments, told, stop)
        made = check_video(made_at, self.plan, sound=self._has_sound(sounds))
        return self._kept(made, told)

    def _encode(
        self, arguments: Sequence[str], told: OnProgress, stop: threading.Event | None
    ) -> None:
        total = self.plan.frames

        def on_frame(done: int) -> None:
            share = 0.05 + 0.93 * min(done, total) / total
            told(Progress(round(share, 4), min(done, total), total, "encoding"))

        for feed in self.feeds:
            feed.start()
        try:
            run_ffmpeg(
                arguments,
                jail=self.jail,
                folder=self.work,
                readable=[self.assets],
                on_frame=on_frame,
                stop=stop,
            )
        finally:
            for feed in self.feeds:
                feed.stop()
        failed = next((feed.failure for feed in self.feeds if feed.failure is not None), None)
        if failed is not None:
            raise RenderFailure("A moving layer could not be painted.") from failed

    def _has_sound(self, sounds: Sequence[graph.SoundSource]) -> bool:
        return bool(sounds) and self.plan.settings.format != "gif"

    def _kept(self, made: Made, told: OnProgress) -> Rendered:
        time = still_time(self.plan.document, self.plan.settings) or 0.0
        write_thumbnail(video_frame(made.path, time), thumbnail_path(self.out))
        shutil.move(made.path, self.out)
        total = self.plan.frames
        told(Progress(1.0, total, total, "done"))
        return Rendered(replace(made, path=self.out), thumbnail_path(self.out))

    def _source(self, layer: StillLayer | MovingLayer | ClipLayer, at: int) -> graph.LayerSource:
        match layer:
            case StillLayer():
                path = self.work / f"still-{at}.rgba"
                path.write_bytes(paint_still(self.plan, layer, self.pictures).tobytes())
                return graph.StillSource(path, layer)
            case MovingLayer():
                path = self.work / f"moving-{at}.rgba"
                moving = layer
                self.feeds.append(
                    Feed(path, lambda: moving_frames(self.plan, moving, self.pictures))
                )
                return graph.MovingSource(path, layer)
            case ClipLayer():
                placed = place_clip(self.plan, layer, self._clip(layer.media_id))
                return graph.ClipSource(placed, self._mask(placed, at))

    def _mask(self, placed: PlacedClip, at: int) -> Path | None:
        if not placed.has_mask:
            return None
        path = self.work / f"mask-{at}.gray"
        if placed.mask_moves:
            self.feeds.append(Feed(path, lambda: mask_frames(self.plan, placed)))
        else:
            path.write_bytes(next(mask_frames(self.plan, placed)))
        return path

    def _clip(self, media_id: str) -> Clip:
        if media_id not in self.clips:
            self.clips[media_id] = probe(find_asset(self.assets, media_id))
        return self.clips[media_id]

    def _sounds(self) -> list[graph.SoundSource]:
        found = ((sound, self._clip(sound.media_id)) for sound in self.plan.sounds)
        return [graph.SoundSource(sound, clip) for sound, clip in found if clip.has_audio]


def fingerprint(document: Document, settings: ExportSettings) -> str:
    """SHA-256 (hex) over all that decides the file's bytes: equal ones may share a stored file."""
    whole = {
        "document": document_hash(document),
        "assets": {key: asset.sha256 for key, asset in document.assets.items()},
        "settings": settings.canonical(),
        "build": BUILD,
        "ffmpeg": ffmpeg_version(),
        "skia": version("skia-python"),
        "fonts": {name: family.version for name, family in families().items()},
    }
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()
