"""The JSON Schema of every message; `python -m contracts.schemas` writes the committed files."""

import json
import sys
from pathlib import Path
from typing import Any

from contracts.catalogue import MESSAGES
from contracts.envelope import MessageData

FOLDER = Path(__file__).parent.parent / "schemas"


def schema_uri(message_type: str) -> str:
    """The `dataschema` attribute of a message type."""
    return f"/schemas/{message_type}.json"


def schema_of(model: type[MessageData]) -> dict[str, Any]:
    """The schema of a message's data as it is written: camelCase, sealed members optional."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_uri(model.TYPE),
        "x-topic": model.TOPIC,
        "x-sealed": list(model.SEALED),
        **schema,
    }


def rendered(model: type[MessageData]) -> str:
    return json.dumps(schema_of(model), indent=1, sort_keys=True) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, model in MESSAGES.items():
        (FOLDER / f"{name}.json").write_text(rendered(model))
    sys.stdout.write(f"{len(MESSAGES)} schemas in {FOLDER.name}/\n")


if __name__ == "__main__":
    main()
