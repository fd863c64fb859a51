"""Every reason to say no to an upload or a file."""

from eventlog.domain import Refusal


def unknown_media() -> Refusal:
    return Refusal("media_not_found", "This file does not exist, or you may not see it.", 404)


def unknown_upload() -> Refusal:
    return Refusal("upload_not_found", "This upload does not exist, or it is not yours.", 404)


def no_jail() -> Refusal:
    return Refusal(
        "no_jail", "Files cannot be taken: this machine offers no sandbox to open them in.", 503
    )


def nothing_uploaded() -> Refusal:
    return Refusal("upload_incomplete", "The bytes have not arrived at the object store yet.", 409)


def upload_expired() -> Refusal:
    return Refusal("upload_expired", "The upload took too long; start a new one.", 409)


def upload_refused(reason: str) -> Refusal:
    return Refusal(
        "media_refused",
        f"The file was refused and nothing of it was kept: {reason}.",
        422,
        [{"pointer": "/mimeType", "code": "media_refused", "message": reason}],
    )


def type_not_accepted(mime_type: str, accepted: list[str]) -> Refusal:
    return Refusal(
        "media_type_not_accepted",
        f"Files of type {mime_type} are not taken; these are: {', '.join(accepted)}.",
        422,
        [{"pointer": "/mimeType", "code": "not_accepted", "message": "unknown file type"}],
    )


def too_large(limit: int) -> Refusal:
    return Refusal(
        "media_too_large",
        f"The file is larger than the {limit:,} bytes taken for its type.",
        422,
        [{"pointer": "/fileSize", "code": "too_large", "message": f"at most {limit} bytes"}],
    )
