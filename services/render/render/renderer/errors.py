"""Why no file was made, in words a person understands."""


class RenderFailure(Exception):
    """`code` is stable; the message is shown to the person who exported."""

    code = "render_failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class UnsafeMedia(RenderFailure):
    """A file is not the kind of media it should be."""

    code = "unsafe_media"


class MissingAsset(RenderFailure):
    """A picture, clip or sound of the document is not there."""

    code = "missing_asset"


class WrongOutput(RenderFailure):
    """The file that was made is not what was asked for."""

    code = "wrong_output"


class Cancelled(RenderFailure):
    """Someone stopped it."""

    code = "cancelled"


class NoJail(RenderFailure):
    """This machine cannot lock the decoder up, and was not told to go on without."""

    code = "no_jail"
