"""Every message type: its committed schema, its golden sample, and what a keyless reader sees."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import MESSAGES, InvalidData, UnreadableEnvelope, read, read_data, read_envelope
from contracts.schemas import FOLDER, rendered

OWNERS = {"projects", "identity", "ai", "media", "render", "analytics"}
GOLDEN = Path(__file__).parent / "golden"

# Other tests may add types of their own to the catalogue.
TYPES = sorted(name for name in MESSAGES if name.split(".")[0] in OWNERS)


@pytest.mark.parametrize("name", TYPES)
def test_the_committed_schema_is_the_models_schema(name: str) -> None:
    committed = (FOLDER / f"{name}.json").read_text()
    assert committed == rendered(MESSAGES[name]), "run python -m contracts.schemas"


@pytest.mark.parametrize("name", TYPES)
def test_a_golden_sample_reads_as_its_type_and_loses_nothing(name: str) -> None:
    sample = (GOLDEN / f"{name}.json").read_bytes()
    data = read(sample).data
    assert data is not None
    assert type(data) is MESSAGES[name]
    written = data.model_dump(mode="json", by_alias=True)
    assert written.keys() == json.loads(sample)["data"].keys()
    assert type(data).model_validate(written) == data


@pytest.mark.parametrize("name", TYPES)
def test_a_golden_sample_fits_its_schema(name: str) -> None:
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    Draft202012Validator(schema).validate(json.loads((GOLDEN / f"{name}.json").read_text())["data"])


@pytest.mark.parametrize("name", TYPES)
def test_a_reader_without_the_key_still_reads_the_open_part(name: str) -> None:
    envelope = read_envelope((GOLDEN / f"{name}.json").read_bytes())
    data = envelope.data
    for pattern in MESSAGES[name].SEALED:
        _remove(data, pattern.strip("/").split("/"))
    assert read_data(envelope, data) is not None


def test_every_golden_sample_belongs_to_a_type() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == TYPES


def test_an_unknown_type_is_read_without_data() -> None:
    sample = json.loads((GOLDEN / f"{TYPES[0]}.json").read_text())
    sample["type"] = "projects.something_new.v1"
    assert read(json.dumps(sample).encode()).data is None


@pytest.mark.parametrize("value", [b"", b"not json", b"[]", b'{"type": 3}', b"\xff\xfe"])
def test_bytes_that_are_no_message_are_refused_with_a_reason(value: bytes) -> None:
    with pytest.raises(UnreadableEnvelope, match=r".+: .+"):
        read(value)


def test_a_known_type_with_wrong_data_is_refused_with_the_member_named() -> None:
    sample = json.loads((GOLDEN / "projects.element_edited.v1.json").read_text())
    sample["data"]["canvasId"] = "not a uuid"
    with pytest.raises(InvalidData, match="canvasId"):
        read(json.dumps(sample).encode())


def _remove(node: Any, parts: list[str]) -> None:
    head, *rest = parts
    if head == "*":
        for item in node:
            _remove(item, rest)
    elif not rest:
        node.pop(head, None)
    elif node.get(head) is not None:
        _remove(node[head], rest)
