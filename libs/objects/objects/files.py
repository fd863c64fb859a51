"""Routes that serve and take a local store's files by signed URL; the gateway mounts them."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from objects.local import PATH_PREFIX, LocalStore, TooLarge, path_of, upload_bound
from objects.store import ObjectMissing, attachment
from runtime import problems
from runtime.signing import BadSignature

# Shown in a page by a browser; everything else is a download, so that no stored file can act there.
_INLINE = ("image/", "video/", "audio/")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "private, max-age=300",
    "Cross-Origin-Resource-Policy": "same-site",
}


def files_router(store: LocalStore) -> APIRouter:
    """`GET` (with ranges) and `PUT` of `/v1/files/{bucket}/{key}?exp&kid&sig`.

    404 for whatever is not signed by us, expired, or not there: the answer tells no difference.
    """
    router = APIRouter(tags=["files"])
    route = PATH_PREFIX + "{bucket}/{key:path}"

    @router.get(route, summary="A signed file", response_class=FileResponse)
    async def read_file(bucket: str, key: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        name = request.query_params.get("as")
        _check(store, "GET", bucket, key, request, name or "")
        try:
            path, content_type = await asyncio.to_thread(store.file, bucket, key)
        except (ObjectMissing, ValueError):
            raise problems.NotFound from None
        return FileResponse(path, media_type=content_type, headers=_headers(content_type, name))

    @router.put(route, summary="Upload by a signed URL", status_code=201)
    async def write_file(bucket: str, key: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        content_type = request.query_params.get("type", "")
        limit = request.query_params.get("max", "")
        if not limit.isascii() or not limit.isdigit() or len(limit) > 15:
            raise problems.NotFound
        _check(store, "PUT", bucket, key, request, upload_bound(content_type, int(limit)))
        if request.headers.get("content-type") != content_type:
            raise problems.UnsupportedMediaType(f"this URL takes {content_type}")
        try:
            await store.put_stream(bucket, key, request.stream(), content_type, int(limit))
        except TooLarge as error:
            raise problems.TooLarge(str(error)) from None
        return Response(status_code=201)

    return router


def _check(
    store: LocalStore, method: str, bucket: str, key: str, request: Request, bound: str
) -> None:
    query = request.query_params
    try:
        store.signer.verify(
            method,
            path_of(bucket, key),
            exp=query.get("exp", ""),
            kid=query.get("kid", ""),
            sig=query.get("sig", ""),
            bound=bound,
        )
    except (BadSignature, ValueError):
        raise problems.NotFound from None


def _headers(content_type: str, download_as: str | None) -> dict[str, str]:
    if download_as is not None:
        return {**_HEADERS, "Content-Disposition": attachment(download_as)}
    if content_type.startswith(_INLINE):
        return _HEADERS
    return {**_HEADERS, "Content-Disposition": "attachment"}
