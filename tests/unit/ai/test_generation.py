"""A generation: asked for, made or refused, used, judged."""

from uuid import UUID, uuid4

from ai.domain.generation import Generation
from tests.support.story import given

PROJECT = uuid4()
ELEMENT = uuid4()


def asked(kind: str = "text", apply_to: UUID | None = None) -> Generation:
    return Generation.request(
        uuid4(),
        project_id=PROJECT,
        user_id="ana",
        kind=kind,
        provider="builtin",
        model="builtin-templates-1",
        prompt="forest morning",
        apply_to=apply_to,
    )


def written() -> Generation:
    generation = asked()
    generation.text_generated("Hello, forest", ["Meet the forest"])
    return generation


def test_a_text_is_kept_with_its_alternatives() -> None:
    given(asked()).when(lambda g: g.text_generated("Hello", ["Hi"], tokens_used=12)).then(
        Generation.TextGenerated, generated_text="Hello", alternatives=["Hi"], tokens_used=12
    ).then_nothing_more()


def test_a_second_result_of_the_same_request_changes_nothing() -> None:
    given(written()).when(lambda g: g.text_generated("Again", [])).then_nothing_more()


def test_a_result_is_put_into_an_element() -> None:
    given(written()).when(lambda g: g.apply_to(ELEMENT)).then(
        Generation.ApplyRequested, element_id=ELEMENT, text="Hello, forest"
    ).then_nothing_more()


def test_an_alternative_is_put_into_an_element() -> None:
    given(written()).when(lambda g: g.apply_to(ELEMENT, 0)).then(
        Generation.ApplyRequested, text="Meet the forest"
    )


def test_an_alternative_that_is_not_there_is_refused() -> None:
    given(written()).when(lambda g: g.apply_to(ELEMENT, 1)).then_refused("no_such_alternative", 422)


def test_a_generation_without_a_result_cannot_be_used() -> None:
    given(asked()).when(lambda g: g.apply_to(ELEMENT)).then_refused("generation_not_completed")


def test_a_refused_generation_stays_refused() -> None:
    given(asked()).and_given(lambda g: g.fail("safety", "no", refused=True)).when(
        lambda g: g.text_generated("late", [])
    ).then_nothing_more()


def test_an_image_names_the_file_it_becomes() -> None:
    media = uuid4()
    given(asked("image")).when(
        lambda g: g.image_generated(
            media_id=media, store="s3", bucket="b", object_key="k", file_size=3, width=1, height=1
        )
    ).then(Generation.ImageGenerated, media_id=media)


def test_a_result_is_judged() -> None:
    given(written()).when(lambda g: g.rate(5, "lovely")).then(Generation.Rated, stars=5)


def test_deleting_twice_is_harmless_and_ends_its_use() -> None:
    story = given(written()).and_given(lambda g: g.delete())
    story.when(lambda g: g.delete()).then_nothing_more()
    story.when(lambda g: g.apply_to(ELEMENT)).then_refused("generation_not_found", 404)


def test_each_generation_has_a_key_that_its_project_and_its_person_can_forget() -> None:
    scope = asked().key_scope
    assert (scope.kind, scope.project_id, scope.user_id) == ("generation", PROJECT, "ana")
