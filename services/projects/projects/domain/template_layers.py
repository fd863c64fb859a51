"""A template's layers as elements: filled in, laid out on every canvas, one sync group each."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from projects.domain.arrange import Layout, frame_of
from projects.domain.canvases import Joining, NewId, resized
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.elements import new_values
from projects.domain.json_values import JsonObject
from projects.domain.placeholders import filled
from projects.domain.state import Box, Canvas, Pair, Part, Placed
from scene.layout import Frame


class TemplateFacts(Part):
    """A template as applying it needs it (TP01-TP11)."""

    id: str
    social_format_id: str
    template_data: JsonObject
    placeholders: list[JsonObject] = []

    @property
    def background(self) -> JsonObject:
        """The config members a canvas takes over: colour and picture behind everything."""
        canvas = cast(JsonObject, self.template_data.get("canvas") or {})
        names = ("backgroundColor", "backgroundImage")
        return {name: canvas[name] for name in names if canvas.get(name)}


def layers_as_elements(
    template: TemplateFacts, values: Mapping[str, str], tracks_above: int, z_above: int
) -> list[JsonObject]:
    """Canonical element values per layer, in painting order; blanks that stay empty are left out.

    Raises Invalid for a layer that is no element.
    """
    data = template.template_data
    found: list[JsonObject] = []
    for place, layer in enumerate(cast("list[JsonObject]", data.get("layers") or [])):
        properties = filled(layer.get("properties") or {}, values)
        if _is_blank(properties):
            continue
        moving = _animations(data, str(layer.get("id")))
        if moving:
            properties = {**properties, "animations": [*properties.get("animations", []), *moving]}
        given = {
            **{name: layer.get(name) for name in _TAKEN},
            "type": _type_of(layer, properties),
            "properties": properties,
            "trackIndex": tracks_above + place,
            "zIndex": z_above + place + 1,
        }
        found.append(new_values(given, {}))
    return found


_TAKEN = (
    *("name", "x", "y", "width", "height", "rotation", "opacity", "startTime", "duration"),
    *("aiGenerated", "aiProvider"),
)


def _type_of(layer: JsonObject, properties: JsonObject) -> str:
    kind = str(layer["type"])
    if kind == "ai-generated":  # Q08: a layer does not say which kind of prompt it has
        return "ai-text" if properties.get("text") else "ai-image"
    return kind


def _is_blank(properties: JsonObject) -> bool:
    text, media = properties.get("text"), properties.get("media")
    return bool(
        (text is not None and not str(text.get("content") or "").strip())
        or (media is not None and not media.get("src"))
    )


def _animations(data: JsonObject, layer_id: str) -> list[JsonObject]:
    all_moves = cast("list[JsonObject]", data.get("animations") or [])
    return [
        {name: value for name, value in move.items() if name not in ("id", "layerId")}
        for move in all_moves
        if str(move.get("layerId")) == layer_id and move.get("type") != "keyframes"
    ]


def spread(
    template: TemplateFacts,
    layers: Sequence[JsonObject],
    canvases: Sequence[Canvas],
    formats: Mapping[str, FormatFacts],
    new_id: NewId,
) -> list[Joining]:
    """Every layer on every canvas, group by group; the canvas nearest to the template leads."""
    source = _frame(template, formats)
    named = [{**layer, "id": str(place)} for place, layer in enumerate(layers)]
    layout = Layout(source, named)
    boxes = {c.id: layout.on(frame_of(formats[c.social_format_id])) for c in canvases}
    lead = next((c for c in canvases if c.social_format_id == template.social_format_id), None)
    base = lead or canvases[0]
    ordered = [base, *(canvas for canvas in canvases if canvas.id != base.id)]
    joining: list[Joining] = []
    for place, layer in enumerate(layers):
        group, then = new_id(), Box.of(layer)
        at_base = boxes[base.id].get(str(place), then)
        for canvas in ordered:
            social_format = formats[canvas.social_format_id]
            box = boxes[canvas.id].get(str(place), then)
            area = (social_format.width * social_format.height / source.area) ** 0.5
            element = Placed(
                id=new_id(),
                canvas_id=canvas.id,
                sync_group=group,
                values=resized(layer, then, box, area),
                pair=Pair(base=base.id, source=at_base, own=box),
            )
            joining.append(Joining(element, origin=canvas.id == base.id))
    return joining


def _frame(template: TemplateFacts, formats: Mapping[str, FormatFacts]) -> Frame:
    social_format = formats[template.social_format_id]
    canvas = cast("Mapping[str, Any]", template.template_data.get("canvas") or {})
    size = (
        canvas.get("width") or social_format.width,
        canvas.get("height") or social_format.height,
    )
    if size == (social_format.width, social_format.height):
        return frame_of(social_format)
    return Frame.of(float(size[0]), float(size[1]), None)
