"""What the demo prints: short, in one voice, with figures."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from multicanvas.demo.overview import Delivered, described

Json = dict[str, Any]
_console = Console(highlight=False, soft_wrap=True)
_shown: dict[str, str] = {}


def heading(title: str) -> None:
    _console.print(f"\n[bold]{title}[/bold]")


def line(text: str) -> None:
    _console.print(f"  {text}", markup=False)


def media(row: Json) -> str:
    size: Json = row.get("dimensions") or {}
    parts = [f"{size['width']}×{size['height']}"] if size else []
    if row.get("duration"):
        parts.append(f"{float(row['duration']):.1f} s")
    return " · ".join([*parts, f"{int(row['fileSize']) / 1000:,.0f} kB"])


def progress(canvas: str, share: float | None, status: str) -> None:
    """One line for each new quarter or state of an export."""
    text = status if share is None or status != "processing" else f"{int(share * 4) * 25} %"
    if _shown.get(canvas) != text:
        _shown[canvas] = text
        line(f"{canvas}: {text}")


def findings(items: list[Json], names: dict[str, str]) -> None:
    if not items:
        line("preflight: nothing to mend on any canvas")
    for item in items:
        line(f"preflight {item['severity']}: {names.get(item['canvasId'], '')}: {item['message']}")


def files(delivered: list[Delivered], sheet: Path) -> None:
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for column in ("File", "What it is", "Ready after"):
        table.add_column(column, style="" if column == "File" else "dim")
    for file in delivered:
        table.add_row(str(file.path), described(file), f"{file.rendered_in:.1f} s")
    table.add_row(str(sheet), "all four side by side", "")
    _console.print(table)


def history(items: list[Json]) -> None:
    commands: dict[Any, list[Json]] = {}
    for item in items:
        commands.setdefault(item["commandNumber"], []).append(item)
    _console.print(f"\n  History: {len(commands)} commands, {len(items)} events")
    for number, events in commands.items():
        kinds: dict[str, int] = {}
        for event in events:
            kinds[event["type"]] = kinds.get(event["type"], 0) + 1
        what = ", ".join(f"{n} × {kind}" if n > 1 else kind for kind, n in kinds.items())
        line(f"v{number:<3} {what}")


def analytics(answer: Json) -> None:
    totals = answer["totals"]
    _console.print(f"\n  Analytics, projected from Kafka, as of {answer['asOf']}")
    line(" · ".join(f"{name} {value}" for name, value in totals.items() if value))


def where_next(base_url: str, project_id: str) -> None:
    _console.print("\n  Where to look next")
    line(f"make up keeps all of this running on {base_url}; the API is described at /docs")
    line(f"this project: {base_url}/v1/projects/{project_id}")
    line("docs/architecture.md tells how an edit travels; services/*/README.md what each part owns")
