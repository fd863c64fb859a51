"""Every reason to say no at the door, with the words and codes that Better Auth's clients know."""

from eventlog.domain import Refusal

_REASONS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "Bad request"),
    "validation_error": (400, "Validation Error"),
    "unsupported_media_type": (415, "Content-Type is not allowed"),
    "unauthorized": (401, "Unauthorized"),
    "session_not_fresh": (403, "Session is not fresh"),
    "session_expired": (400, "Session expired. Re-authenticate to perform this action."),
    "invalid_email": (400, "Invalid email"),
    "invalid_password": (400, "Invalid password"),
    "invalid_email_or_password": (401, "Invalid email or password"),
    "password_too_short": (400, "Password too short"),
    "password_too_long": (400, "Password too long"),
    "credential_account_not_found": (400, "Credential account not found"),
    "email_can_not_be_updated": (400, "Email can not be updated"),
    "no_fields_to_update": (400, "No fields to update"),
    "invalid_token": (404, "Invalid token"),
    "user_already_exists_use_another_email": (422, "User already exists. Use another email."),
    "invalid_origin": (403, "Invalid origin"),
    "missing_or_null_origin": (403, "Missing or null Origin"),
    "cross_site_navigation_login_blocked": (
        403,
        "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
    ),
    "invalid_callback_url": (403, "Invalid callbackURL"),
    "too_many_requests": (429, "Too many requests. Please try again later."),
}


def refusal(code: str, message: str | None = None) -> Refusal:
    """The refusal of that name; `message` replaces the usual words."""
    status, usual = _REASONS[code]
    return Refusal(code, message or usual, status=status)
