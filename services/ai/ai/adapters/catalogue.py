"""Which providers are on, by what the operator has set up."""

from collections.abc import Mapping
from dataclasses import dataclass

from ai.adapters.builtin_image import BuiltinImage
from ai.adapters.builtin_text import BuiltinText
from ai.adapters.openai_text import OpenAIText
from ai.adapters.providers import ImageProvider, TextProvider
from ai.adapters.runware_image import RunwareImage
from ai.domain import refusals
from ai.settings import AiSettings, listed


@dataclass(frozen=True)
class Catalogue:
    """The providers that are on, by name."""

    texts: Mapping[str, TextProvider]
    images: Mapping[str, ImageProvider]

    def model_for(self, kind: str, provider: str, model: str | None) -> str:
        """The model to use: the given one, else the provider's first. Raises Refusal."""
        offered: Mapping[str, TextProvider] | Mapping[str, ImageProvider] = (
            self.texts if kind == "text" else self.images
        )
        found = offered.get(provider)
        if found is None:
            raise refusals.provider_is_off(provider, sorted(offered))
        if model is not None and model not in found.models:
            raise refusals.unknown_model(model, list(found.models))
        return model or found.models[0]


def catalogue_of(settings: AiSettings) -> Catalogue:
    texts: dict[str, TextProvider] = {"builtin": BuiltinText()}
    images: dict[str, ImageProvider] = {"builtin": BuiltinImage()}
    if settings.openai_api_key or settings.openai_base_url:
        # Keyless local servers still want some key in the header.
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
        texts["openai"] = OpenAIText(
            key,
            base_url=settings.openai_base_url,
            models=listed(settings.openai_text_models),
            prices=settings.prices,
        )
    if settings.runware_api_key:
        images["runware"] = RunwareImage(
            settings.runware_api_key.get_secret_value(),
            models=listed(settings.runware_models),
            base_url=settings.runware_base_url,
        )
    return Catalogue(texts, images)
