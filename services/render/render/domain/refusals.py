"""Every reason to say no to someone who handles an export."""

from eventlog.domain import Refusal


def unknown_export() -> Refusal:
    return Refusal("export_not_found", "This export does not exist, or you may not see it.", 404)


def unknown_project() -> Refusal:
    return Refusal("project_not_found", "This project does not exist, or you may not see it.", 404)


def may_not_change() -> Refusal:
    return Refusal("forbidden", "You may see this export, but not change it.", 403)


def already_over(status: str) -> Refusal:
    return Refusal("export_over", f"This export is {status}; there is nothing to cancel.")


def not_retryable(status: str) -> Refusal:
    return Refusal(
        "export_not_retryable", f"This export is {status}; only failed ones start again."
    )


def not_completed(status: str) -> Refusal:
    return Refusal("export_not_completed", f"This export is {status}; it has no file yet.")
