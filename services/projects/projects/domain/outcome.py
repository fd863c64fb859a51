"""What a command did, for the answer: ids touched, members left alone."""

from dataclasses import dataclass, field

from projects.domain.sync import Skipped


@dataclass
class Outcome:
    """Collected over all steps of one command, in the order in which they happened."""

    elements: list[str] = field(default_factory=list[str])
    canvases: list[str] = field(default_factory=list[str])
    skipped: list[Skipped] = field(default_factory=list[Skipped])

    def touch(self, element_id: str, canvas_id: str) -> None:
        if element_id not in self.elements:
            self.elements.append(element_id)
        self.touch_canvas(canvas_id)

    def touch_canvas(self, canvas_id: str) -> None:
        if canvas_id not in self.canvases:
            self.canvases.append(canvas_id)
