"""Named pipes that hand painted frames to ffmpeg while it runs."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path


class Feed:
    """Writes frames into a named pipe from a thread of its own, until read or stopped."""

    def __init__(self, path: Path, frames: Callable[[], Iterator[bytes]]) -> None:
        os.mkfifo(path)
        self._path, self._frames = path, frames
        self._stop = threading.Event()
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"feed {path.name}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns once the thread has ended; the reader must be gone by now."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            descriptor = self._open()
            if descriptor is None:
                return
            with os.fdopen(descriptor, "wb", buffering=0) as pipe:
                for frame in self._frames():
                    if self._stop.is_set():
                        return
                    _write(pipe.fileno(), frame)
        except BrokenPipeError:
            return
        except Exception as error:  # a thread cannot raise: the job looks here when it ends
            self.failure = error

    def _open(self) -> int | None:
        """Opens without blocking for ever when the reader never comes."""
        while not self._stop.is_set():
            try:
                descriptor = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                time.sleep(0.005)
                continue
            os.set_blocking(descriptor, True)
            return descriptor
        return None


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
