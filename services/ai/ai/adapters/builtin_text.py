"""`builtin` texts: templates filled with the caller's own words. Needs no key; never called AI."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from ai.adapters import grammar
from ai.adapters.chance import Chance
from ai.adapters.providers import ProviderFailed, TextRequest, TextResult

MODEL = "builtin-templates-1"
CANDIDATES = 12
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "a an the of for and or to in on with about write make create me us my our your please "
        "some headline caption post text hashtags description cta short catchy that which is are",
    )
)


class BuiltinText:
    """The same request and seed always give the same text."""

    name = "builtin"
    models: Sequence[str] = (MODEL,)

    async def write(self, request: TextRequest) -> TextResult:
        context = request.context
        topic = _topic(request.prompt, context)
        kind = str(context.get("contentType") or "caption")
        chance = Chance(request.prompt, sorted(context.items(), key=str), request.seed)
        if kind == "hashtags":
            texts = [_hashtags(topic, context)]
        else:
            texts = _candidates(kind, topic, context, chance)
        limit = context.get("maxLength")
        fitting = [text for text in texts if not limit or _weight(text, context) <= int(limit)]
        if not fitting:
            fitting = [_cut(text, int(limit or len(text))) for text in texts[:1]]
        return TextResult(
            text=fitting[0],
            alternatives=tuple(fitting[1 : 1 + request.alternatives]),
            cost=Decimal(0),
        )


def _topic(prompt: str, context: dict[str, Any]) -> str:
    keywords = _keywords(context)
    if keywords:
        return " ".join(keywords[:2]).lower()
    words = [word for word in re.findall(r"[\w’'-]+", prompt) if word.lower() not in _FILLER]
    if not words:
        raise ProviderFailed(
            "validation", "Say what it is about: give a prompt or keywords with a topic."
        )
    return " ".join(words[:3]).lower()


def _keywords(context: dict[str, Any]) -> list[str]:
    given = cast(list[object], context.get("keywords") or [])
    return [word for word in (str(item).strip() for item in given) if word]


def _candidates(kind: str, topic: str, context: dict[str, Any], chance: Chance) -> list[str]:
    patterns = grammar.PATTERNS.get(kind, grammar.CAPTIONS)
    words = grammar.TONES[_tone(context)]
    platform = str(context.get("platform") or "")
    actions = grammar.ACTIONS.get(platform, grammar.ANY_ACTION)
    found: list[str] = []
    for pattern in chance.shuffled(patterns)[:CANDIDATES]:
        text = pattern.format(
            topic=topic,
            Topic=topic[:1].upper() + topic[1:],
            who=str(context.get("targetAudience") or "everyone"),
            action=chance.pick(actions),
            **{slot: chance.pick(choices) for slot, choices in words.items()},
        ).strip()
        text = text[:1].upper() + text[1:]
        if kind in ("headline", "cta"):
            text = text.rstrip(".")
        if text not in found:
            found.append(text)
    return found


def _tone(context: dict[str, Any]) -> str:
    wanted = f"{context.get('tone') or ''} {context.get('brandVoice') or ''}".lower()
    for tone, hints in grammar.TONE_WORDS.items():
        if any(hint in wanted for hint in hints):
            return tone
    return "professional"


def _hashtags(topic: str, context: dict[str, Any]) -> str:
    sources = _keywords(context) or topic.split()
    tags: list[str] = []
    for source in [*sources, topic]:
        tag = "".join(part[:1].upper() + part[1:] for part in re.findall(r"\w+", source))
        if tag and f"#{tag}" not in tags:
            tags.append(f"#{tag}")
    cap = grammar.HASHTAG_CAPS.get(str(context.get("platform") or ""), 10)
    return " ".join(tags[:cap])


def _weight(text: str, context: dict[str, Any]) -> int:
    """Length as the platform counts: X counts a link as 23 and a CJK character as 2."""
    if context.get("platform") != "twitter":
        return len(text)
    links = re.findall(r"https?://\S+", text)
    plain = re.sub(r"https?://\S+", "", text)
    return sum(2 if ord(letter) >= 0x1100 else 1 for letter in plain) + 23 * len(links)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    whole_words = text[: limit + 1].rsplit(" ", 1)[0]
    return (whole_words if len(whole_words) <= limit else text[:limit]).rstrip(" ,.;:")
