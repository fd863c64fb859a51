"""One job in a process of its own: `python -m render.renderer <folder>`, meant for the jail.

The folder holds `job.json` (settings), `document.json` and `assets/`; the file is written to
`out.<format>`. Every line on stdout is JSON: `{"progress": …}`, then `{"made": …}` or
`{"failed": …}`.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from render.renderer import ExportSettings, RenderFailure, render
from render.renderer.jail import Jail
from render.renderer.run import Progress
from scene.document import Document


def main(folder: Path) -> None:
    def told(progress: Progress) -> None:
        _say({"progress": asdict(progress)})

    try:
        settings = ExportSettings.model_validate_json((folder / "job.json").read_bytes())
        document = Document.from_json((folder / "document.json").read_bytes())
        out = folder / f"out.{settings.format}"
        # The jail is around this whole process.
        done = render(document, settings, folder / "assets", out, told, jail=Jail(None))
    except RenderFailure as failure:
        _say({"failed": {"code": failure.code, "message": str(failure)}})
        return
    made = {**asdict(done.made), "path": str(done.made.path), "thumbnail": str(done.thumbnail)}
    _say({"made": made})


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
