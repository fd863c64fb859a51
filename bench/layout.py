"""Re-layout of public designs on ten formats: pass rate by hard faults, and speed.

    python -m bench.layout [--detail]

A pair passes when it has none of the hard faults of `layout_faults`. Speed is processor time, best
of three, analysis included, word widths known (as in a running service).
"""

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.layout_faults import faults
from scene.layout import Frame, analyse, relayout
from scene.layout.shaping import shaped

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests/data/layout_cases"
FORMATS = ROOT / "services/projects/projects/data/social_formats.json"
SLUGS = (
    "instagram-story",
    "tiktok-video",
    "instagram-reel",
    "instagram-feed-portrait",
    "instagram-square",
    "pinterest-pin",
    "linkedin-post-landscape",
    "youtube-video",
    "twitter-post",
    "facebook-cover",
)


def formats(path: Path = FORMATS) -> dict[str, Frame]:
    found: list[dict[str, Any]] = json.loads(path.read_text())
    known = {f["slug"]: Frame.of(f["width"], f["height"], f["safe_zones"]) for f in found}
    return {slug: known[slug] for slug in SLUGS}


def cases() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(CASES.glob("*.json"))]


def frame_of(case: Mapping[str, Any]) -> Frame:
    canvas = case["canvas"]
    size = float(canvas["width"]), float(canvas["height"])
    return Frame.of(*size, canvas.get("safeZones"))


def main(detail: bool) -> None:
    totals, passed, pairs, times = Counter[str](), 0, 0, list[float]()
    for case in cases():
        source, elements = frame_of(case), case["elements"]
        items = analyse(source, elements, shaped).items
        for slug, target in formats().items():
            placed = relayout(source, elements, target, measure=shaped)
            found = faults(items, source, target, placed, shaped)
            pairs, passed = pairs + 1, passed + (not found)
            totals.update(found)
            times.append(min(_timed(source, elements, target) for _ in range(3)))
            if detail and found:
                print(f"{case['id']:28} {slug:26} {', '.join(sorted(found))}")
    times.sort()
    print(f"pass {100 * passed / pairs:.0f} % of {pairs} pairs; faults {dict(totals)}")
    print(
        f"ms median {1e3 * statistics.median(times):.2f}"
        f"  p95 {1e3 * times[int(0.95 * len(times))]:.2f}  max {1e3 * times[-1]:.2f}"
    )


def _timed(source: Frame, elements: Any, target: Frame) -> float:
    start = time.thread_time()
    relayout(source, elements, target, measure=shaped)
    return time.thread_time() - start


if __name__ == "__main__":
    main("--detail" in sys.argv)
