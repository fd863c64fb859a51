"""Settings of the ai service, from the environment. Models and prices are data, not code."""

from decimal import Decimal
from typing import ClassVar

from pydantic import SecretStr

from runtime.settings import ServiceSettings


class AiSettings(ServiceSettings):
    """A provider without a key (or a URL of a keyless server) is off.

    Lists are comma separated. `openai_prices`: `model=in/out` US dollars per million tokens.
    """

    SERVICE: ClassVar[str] = "ai"

    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_text_models: str = "gpt-6-luna"
    openai_prices: str = "gpt-6-luna=0.10/0.50,gpt-6.1-terra=1/5"
    runware_api_key: SecretStr | None = None
    runware_base_url: str | None = None
    runware_models: str = "runware:400@1"
    ai_concurrency: int = 4

    @property
    def prices(self) -> dict[str, tuple[Decimal, Decimal]]:
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for entry in filter(None, self.openai_prices.split(",")):
            model, _, pair = entry.partition("=")
            read, _, written = pair.partition("/")
            found[model.strip()] = (Decimal(read), Decimal(written))
        return found


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
