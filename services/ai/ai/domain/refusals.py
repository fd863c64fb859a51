"""Every reason to say no to a generation."""

from eventlog.domain import Refusal


def unknown_generation() -> Refusal:
    return Refusal(
        "generation_not_found", "This generation does not exist, or you may not see it.", 404
    )


def unknown_project() -> Refusal:
    return Refusal("project_not_found", "This project does not exist, or you may not see it.", 404)


def only_looking() -> Refusal:
    return Refusal("viewer_cannot_generate", "Viewers of a project generate nothing in it.", 403)


def generation_exists() -> Refusal:
    return Refusal("generation_exists", "There is a generation with this id already.", 409)


def not_completed(status: str) -> Refusal:
    return Refusal("generation_not_completed", f"The generation is {status}; it has no result.")


def no_such_alternative(count: int) -> Refusal:
    return Refusal(
        "no_such_alternative",
        f"The generation has {count} alternatives.",
        422,
        [{"pointer": "/alternative", "code": "no_such_alternative", "message": f"below {count}"}],
    )


def provider_is_off(provider: str, available: list[str]) -> Refusal:
    return Refusal(
        "provider_is_off",
        f"The provider {provider} is not set up for this; available: {', '.join(available)}.",
        422,
        [{"pointer": "/provider", "code": "provider_is_off", "message": "not available"}],
    )


def unknown_model(model: str, models: list[str]) -> Refusal:
    return Refusal(
        "unknown_model",
        f"The provider does not offer {model}; it offers: {', '.join(models)}.",
        422,
        [{"pointer": "/model", "code": "unknown_model", "message": "not offered"}],
    )
