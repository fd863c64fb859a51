"""Images from Runware through its own SDK, over HTTP; off without a key."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import aiohttp
from runware import Runware, RunwareError

from ai.adapters.providers import Code, ImageRequest, ImageResult, ProviderFailed
from ai.adapters.received_image import decode

LARGEST_IMAGE_BYTES = 40_000_000
TIMEOUT_MILLISECONDS = 300_000
_SIDE_STEP = 64
_KNOWN: frozenset[str] = frozenset(
    {
        "validation",
        "auth",
        "quota",
        "rateLimit",
        "safety",
        "provider",
        "timeout",
        "notFound",
        "serverError",
        "connection",
        "aborted",
    }
)


class RunwareImage:
    """Asks for the bytes in the answer, so that no URL of the provider's is ever fetched."""

    name = "runware"

    def __init__(self, api_key: str, *, models: Sequence[str], base_url: str | None = None) -> None:
        self.models = tuple(models)
        options: dict[str, object] = {
            "transport": "rest",
            "timeout": TIMEOUT_MILLISECONDS,
            "max_retries": 0,
        }
        if base_url:
            options["http_base_url"] = base_url
        self._api_key = api_key
        self._options = options

    async def paint(self, request: ImageRequest) -> ImageResult:
        task: dict[str, Any] = {
            "taskType": "imageInference",
            "taskUUID": str(uuid4()),
            "model": request.model,
            "positivePrompt": _prompt(request),
            "width": _side(request.width),
            "height": _side(request.height),
            "numberResults": 1,
            "outputType": "base64Data",
            "outputFormat": "PNG",
            "includeCost": True,
            "deliveryMethod": "sync",
        }
        optional = (
            ("negativePrompt", request.negative_prompt),
            ("seed", request.seed),
            ("steps", request.steps),
            ("CFGScale", request.guidance),
        )
        task |= {name: value for name, value in optional if value is not None}
        return _result(await self._run(task), request)

    async def _run(self, task: dict[str, Any]) -> dict[str, Any]:
        client = Runware(api_key=self._api_key, **self._options)
        try:
            items = list(await client.run(task))
        except RunwareError as error:
            code: Code = error.code if error.code in _KNOWN else "unknown"  # pyright: ignore[reportAssignmentType] - checked against our own names
            raise ProviderFailed(
                code, f"The provider refused: {error.code}.", error.retry_after
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderFailed("connection", "The provider could not be reached.") from error
        finally:
            await client.close()
        if not items:
            raise ProviderFailed("provider", "The provider answered without an image.")
        return items[0]


def _prompt(request: ImageRequest) -> str:
    return f"{request.prompt}, {request.style}" if request.style else request.prompt


def _side(pixels: int) -> int:
    """Models take multiples of 64; the result is cropped where it is used."""
    return max(128, min(2048, -(-pixels // _SIDE_STEP) * _SIDE_STEP))


def _result(item: dict[str, Any], request: ImageRequest) -> ImageResult:
    if item.get("NSFWContent"):
        raise ProviderFailed("safety", "The provider's safety rules refused this request.")
    encoded = item.get("imageBase64Data")
    if not isinstance(encoded, str) or len(encoded) > LARGEST_IMAGE_BYTES:
        raise ProviderFailed("provider", "The provider answered without an image.")
    image = decode(encoded)
    cost = item.get("cost")
    return ImageResult(
        images=(image.data,),
        mime_type="image/png",
        width=image.width,
        height=image.height,
        seed=int(item["seed"]) if isinstance(item.get("seed"), int) else request.seed,
        cost=Decimal(str(cost)) if isinstance(cost, int | float) else None,
    )
