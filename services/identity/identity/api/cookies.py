"""The cookies of Better Auth: signed session token, and whether to be remembered."""

from fastapi import Request, Response

from auth.signing import SignedCookie

_REMEMBERED_SECONDS = 604_800


class Cookies:
    """Reads and writes them. `secure` (https) puts `__Secure-` in front of the names."""

    def __init__(self, signer: SignedCookie, *, secure: bool) -> None:
        self._signer = signer
        self._prefix = "__Secure-" if secure else ""
        self._attributes = "; Path=/; HttpOnly" + ("; Secure" if secure else "") + "; SameSite=Lax"

    @property
    def session_name(self) -> str:
        return f"{self._prefix}better-auth.session_token"

    def token(self, request: Request) -> str | None:
        """The session token, None without a cookie or with a signature that is not ours."""
        value = request.cookies.get(self.session_name)
        return self.read(value) if value else None

    def read(self, value: str) -> str | None:
        return self._signer.read(value)

    def forgets(self, request: Request) -> bool:
        """Whether the person chose not to be remembered when the browser closes."""
        value = request.cookies.get(f"{self._prefix}better-auth.dont_remember")
        return value is not None and self._signer.read(value) == "true"

    def give(self, response: Response, token: str, *, remember: bool) -> None:
        age = f"; Max-Age={_REMEMBERED_SECONDS}" if remember else ""
        self._set(response, "session_token", self._signer.sign(token), age)
        if not remember:
            self._set(response, "dont_remember", self._signer.sign("true"), "")

    def expire(self, response: Response) -> None:
        for name in ("session_token", "session_data", "dont_remember"):
            self._set(response, name, "", "; Max-Age=0")

    def _set(self, response: Response, name: str, value: str, age: str) -> None:
        cookie = f"{self._prefix}better-auth.{name}={value}{age}{self._attributes}"
        response.headers.append("set-cookie", cookie)
