"""The demo, step by step: sign in, upload, one project on four canvases, edits, exports."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp

from multicanvas.demo import overview, report
from multicanvas.demo.client import DemoFailed, Gateway, Json

EMAIL = "demo@example.org"
PASSWORD = "a long demo password"  # noqa: S105 - shown to the user; the account holds samples
FORMATS = ["instagram-story", "tiktok-video", "instagram-square", "linkedin-post-landscape"]
VIDEOS = {"instagram-story", "tiktok-video"}
TEMPLATE = "clip-card"
MEDIA = Path(__file__).parent / "media"


async def tell(base_url: str, output: Path) -> None:
    """Do the main job against a running gateway; files land in `output`.

    Raises DemoFailed with one clear line for whatever went wrong.
    """
    output.mkdir(parents=True, exist_ok=True)
    try:
        async with Gateway.open(base_url) as gateway:
            await _Story(gateway, output).run()
    except aiohttp.ClientError as error:
        raise DemoFailed(f"the gateway at {base_url} could not be reached: {error}") from error


class _Story:
    def __init__(self, gateway: Gateway, output: Path) -> None:
        self.gateway = gateway
        self.output = output
        self.project: Json = {}
        self.progress: dict[str, float] = {}

    @property
    def path(self) -> str:
        return f"/v1/projects/{self.project['id']}"

    async def run(self) -> None:
        report.heading("Sign in and upload")
        await self.sign_in()
        photo, clip = await self.upload_media()
        report.heading("One project, four canvases")
        await self.create_project(clip, photo)
        await self.generate()
        report.heading("One edit, every canvas")
        await self.edit_headline()
        await self.override_on_one_canvas()
        report.heading("Check and export")
        await self.preflight()
        files = await self.export()
        report.heading("What happened")
        await self.summarise(files)

    async def sign_in(self) -> None:
        credentials: Json = {"email": EMAIL, "password": PASSWORD}
        status, answer = await self.gateway.refused(
            "POST", "/api/auth/sign-up/email", {"name": "Demo", **credentials}
        )
        if status == 422:
            await self.gateway.post("/api/auth/sign-in/email", credentials)
        elif status != 200:
            raise DemoFailed(f"sign-up answered {status}: {answer.get('message')}")
        session = await self.gateway.get("/api/auth/get-session")
        if not session:
            raise DemoFailed("signed in, but the session is empty")
        how = "signed up" if status == 200 else "found from before and signed in"
        report.line(f"{session['user']['email']} {how}; password: {PASSWORD}")

    async def upload_media(self) -> tuple[str, str]:
        kinds = {
            "coffee.png": "image/png",
            "bikes.mp4": "video/mp4",
            "bigbuckbunny.mp4": "video/mp4",
        }
        ids: list[str] = []
        for name, kind in kinds.items():
            ids.append(await self.gateway.upload(MEDIA / name, kind))
            media = await self.gateway.get(f"/v1/media/{ids[-1]}")
            report.line(f"{name}: {report.media(media)}, uploaded straight to the object store")
        return ids[0], ids[2]

    async def create_project(self, clip: str, photo: str) -> None:
        found = await self.gateway.get("/v1/templates", limit="100")
        template = next((t for t in found["items"] if t.get("slug") == TEMPLATE), None)
        if template is None:
            raise DemoFailed(f"the template {TEMPLATE} is not in the catalogue")
        self.project = await self.gateway.post(
            "/v1/projects",
            {
                "name": "Forest morning",
                "formats": FORMATS,
                "templateId": template["id"],
                "placeholders": fill(template, clip, photo),
            },
        )
        names = ", ".join(canvas["name"] for canvas in self.project["canvases"])
        report.line(f"“{self.project['name']}” from the template “{template['name']}”: {names}")

    async def generate(self) -> None:
        headline = await self.headline_on(self.canvas_ids()[0])
        context = {
            "platform": "instagram",
            "contentType": "headline",
            "tone": "playful",
            "targetAudience": "people who love the outdoors",
            "keywords": ["forest", "morning"],
            "maxLength": 40,
        }
        text = await self._generation(
            "text",
            {
                "provider": "builtin",
                "prompt": "A morning in the forest",
                "context": context,
                "applyTo": headline["id"],
            },
        )
        report.line(f"builtin wrote a headline: “{text['generatedText']}”")
        body: Json = {
            "provider": "builtin",
            "prompt": "forest morning, soft mesh gradient",
            "width": 1080,
            "height": 1920,
        }
        background = await self.background()
        if background is not None:
            body["applyTo"] = background["id"]
        await self._generation("images", body)
        where = "behind every canvas" if background is not None else "kept in the library"
        report.line(f"builtin painted a background, {where}")

    async def _generation(self, kind: str, body: Json) -> Json:
        wanted = await self.gateway.post(f"{self.path}/ai/{kind}", body)
        made = await self.gateway.until(
            f"/v1/ai/generations/{wanted['id']}",
            lambda g: g["status"] not in ("pending", "running"),
            f"the {kind} generation",
        )
        if made["status"] != "completed":
            raise DemoFailed(f"the {kind} generation ended as {made['status']}")
        if "applyTo" in body:
            await self.gateway.until(
                f"/v1/ai/generations/{wanted['id']}", lambda g: g["isUsed"], "applying it", 15
            )
        return made

    async def edit_headline(self) -> None:
        element = await self.headline_on(self.canvas_ids()[0])
        answer = await self._write_headline(element["id"], "Wake up where the birds do")
        canvases = {changed["canvasId"] for changed in answer["elements"]}
        if canvases != set(self.canvas_ids()):
            raise DemoFailed(f"the headline changed on {len(canvases)} of 4 canvases")
        events = await self.gateway.get(f"{self.path}/events", after=str(self.version_before))
        causes = {event["causationId"] for event in events["items"]}
        if len(causes) != 1:
            raise DemoFailed(f"one edit has {len(causes)} causation ids")
        report.line(
            f"the headline was written once and changed on 4 canvases: "
            f"{len(events['items'])} events, one causation id {causes.pop()}"
        )

    async def override_on_one_canvas(self) -> None:
        square = self.canvas_ids()[2]
        element = await self.headline_on(square)
        size = round(text_of(element)["fontSize"] * 0.8, 2)
        await self.gateway.patch(
            f"{self.path}/elements/{element['id']}",
            {"properties": {"text": {"fontSize": size}}},
            scope="canvas",
        )
        report.line(f"on the square post alone it is smaller now: {size} px")
        await self._write_headline(element["id"], "Wake up where the birds sing")
        after = await self.headline_on(square)
        if text_of(after)["fontSize"] != size:
            raise DemoFailed(f"the override was lost: {text_of(after)['fontSize']} px")
        texts = {text_of(await self.headline_on(c))["content"] for c in self.canvas_ids()}
        if texts != {"Wake up where the birds sing"}:
            raise DemoFailed(f"the canvases differ: {texts}")
        report.line(f"edited again: the words follow on all four, the override of {size} px stays")

    async def _write_headline(self, element_id: str, words: str) -> Json:
        self.version_before = (await self.gateway.get(self.path))["version"]
        return await self.gateway.patch(
            f"{self.path}/elements/{element_id}", {"properties": {"text": {"content": words}}}
        )

    async def preflight(self) -> None:
        found = await self.gateway.get(f"{self.path}/preflight")
        report.findings(found["items"], {c["id"]: c["name"] for c in self.project["canvases"]})

    async def export(self) -> list[overview.Delivered]:
        live = asyncio.create_task(self.gateway.live(f"{self.path}/live", self._heard))
        try:
            started = time.monotonic()
            exports = [await self._request(canvas) for canvas in self.project["canvases"]]
            return [
                await self._finish(export, canvas, started)
                for export, canvas in zip(exports, self.project["canvases"], strict=True)
            ]
        finally:
            live.cancel()
            await asyncio.gather(live, return_exceptions=True)

    async def _request(self, canvas: Json) -> Json:
        video = self.slug_of(canvas) in VIDEOS
        size = {
            "width": canvas["socialFormat"]["width"],
            "height": canvas["socialFormat"]["height"],
        }
        settings: Json = {
            "format": "mp4" if video else "png",
            "quality": "high",
            "resolution": size,
        }
        if video:
            settings["fps"] = 30
        answer = await self.gateway.post(
            f"{self.path}/exports", {"canvasIds": [canvas["id"]], "settings": settings}
        )
        return answer["items"][0]

    async def _finish(self, export: Json, canvas: Json, started: float) -> overview.Delivered:
        ended = await self.gateway.until(
            f"/v1/exports/{export['id']}",
            lambda e: self._show(canvas, e) or e["status"] not in ("pending", "processing"),
            f"the export of {canvas['name']}",
            120,
        )
        if ended["status"] != "completed":
            raise DemoFailed(f"{canvas['name']} {ended['status']}: {ended.get('errorMessage')}")
        file = await self.gateway.download(
            f"/v1/exports/{export['id']}/download", self.output, self.slug_of(canvas)
        )
        delivered = overview.inspect(canvas["name"], file, time.monotonic() - started)
        self._check(delivered, canvas)
        return delivered

    def _check(self, file: overview.Delivered, canvas: Json) -> None:
        wanted = (canvas["socialFormat"]["width"], canvas["socialFormat"]["height"])
        if (file.width, file.height) != wanted:
            raise DemoFailed(f"{file.path.name} is {file.width}×{file.height}, not {wanted}")
        if file.path.suffix == ".mp4" and not file.sound:
            raise DemoFailed(f"{file.path.name} has no sound")

    def _heard(self, name: str, data: Json) -> None:
        if name == "export_progress":
            self.progress[str(data["subject"])] = float(data["data"]["progress"])

    def _show(self, canvas: Json, export: Json) -> bool:
        report.progress(canvas["name"], self.progress.get(export["id"]), export["status"])
        return False

    async def summarise(self, files: list[overview.Delivered]) -> None:
        sheet = self.output / "overview.png"
        await asyncio.to_thread(overview.write_overview, files, sheet)
        history = await self.gateway.get(f"{self.path}/events", limit="200")
        analytics = await self.gateway.until(
            f"/v1/analytics/projects/{self.project['id']}",
            lambda a: a["totals"]["exportsCompleted"] >= len(files),
            "the analytics projection",
            20,
        )
        report.files(files, sheet)
        report.history(history["items"])
        report.analytics(analytics)
        report.where_next(self.gateway.base_url, self.project["id"])

    def canvas_ids(self) -> list[str]:
        return [canvas["id"] for canvas in self.project["canvases"]]

    def slug_of(self, canvas: Json) -> str:
        return FORMATS[self.canvas_ids().index(canvas["id"])]

    async def headline_on(self, canvas_id: str) -> Json:
        """The largest text of a canvas."""
        found = await self.gateway.get(f"{self.path}/elements", canvasId=canvas_id, type="text")
        texts = [e for e in found["items"] if not e["isHidden"]]
        if not texts:
            raise DemoFailed("the canvas has no text")
        named = [e for e in texts if e["name"].lower() == "headline"]
        return (named or sorted(texts, key=lambda e: -float(text_of(e)["fontSize"])))[0]

    async def background(self) -> Json | None:
        found = await self.gateway.get(f"{self.path}/elements", canvasId=self.canvas_ids()[0])
        kinds = ("ai-image", "background")
        return next((e for e in found["items"] if e["type"] in kinds), None)


def text_of(element: Json) -> Json:
    text: Json = element["properties"]["text"]
    return text


def fill(template: Json, clip: str, photo: str) -> Json:
    """Values for the template's placeholders: our clip, our photograph, words where required."""
    values: dict[str, Any] = {}
    for place in template["placeholders"]:
        if place["type"] == "video":
            values[place["id"]] = f"media:{clip}"
        elif place["type"] == "image":
            values[place["id"]] = f"media:{photo}"
        elif place.get("required") and not place.get("defaultValue"):
            values[place["id"]] = place["label"]
    return values
