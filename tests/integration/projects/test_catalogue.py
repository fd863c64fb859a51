"""Formats, categories and templates, for everybody."""

from projects.seeding import seed
from runtime.ids import slug_id
from tests.support.projects_house import House


async def test_all_shipped_formats_are_there_for_somebody_who_is_not_signed_in(
    house: House,
) -> None:
    told = await house.as_user(None).get("/v1/formats")
    assert told.status == 200
    assert len(told.body["items"]) == 38


async def test_a_format_is_found_by_slug_and_by_id_and_says_what_it_takes(house: House) -> None:
    anyone = house.as_user(None)
    by_slug = (await anyone.get("/v1/formats/instagram-story")).body
    assert (by_slug["width"], by_slug["height"], by_slug["maxDuration"]) == (1080, 1920, 60)
    assert by_slug["id"] == str(slug_id("format", "instagram-story"))
    assert by_slug["limits"]["minDuration"] == 3
    assert (await anyone.get(f"/v1/formats/{by_slug['id']}")).body == by_slug
    assert (await anyone.get("/v1/formats/myspace-post")).status == 404


async def test_formats_are_filtered_by_platform_and_aspect_ratio(house: House) -> None:
    told = await house.as_user(None).get("/v1/formats?platform=tiktok&aspectRatio=9:16")
    assert {one["slug"] for one in told.body["items"]} == {"tiktok-video", "tiktok-photo"}


async def test_seeding_again_changes_nothing(house: House) -> None:
    assert await seed(house.parts.desk.log) == 0


async def test_templates_are_filtered_and_paged(house: House) -> None:
    anyone = house.as_user(None)
    everything = (await anyone.get("/v1/templates?limit=100")).body["items"]
    assert len(everything) >= 8
    first = (await anyone.get("/v1/templates?limit=5")).body
    second = (await anyone.get(f"/v1/templates?limit=5&cursor={first['nextCursor']}")).body
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    slug = everything[0]["category"]
    inside = (await anyone.get(f"/v1/templates?category={slug}")).body["items"]
    assert {one["category"] for one in inside} == {slug}
    named = (await anyone.get(f"/v1/templates?q={everything[0]['name'][:6]}")).body["items"]
    assert everything[0]["id"] in {one["id"] for one in named}


async def test_a_cursor_of_another_list_is_refused(house: House) -> None:
    anyone = house.as_user(None)
    first = (await anyone.get("/v1/templates?limit=5")).body
    told = await anyone.get(f"/v1/templates?limit=5&featured=true&cursor={first['nextCursor']}")
    assert told.status == 422


async def test_every_category_and_a_single_template_are_readable(house: House) -> None:
    anyone = house.as_user(None)
    categories = (await anyone.get("/v1/template-categories")).body["items"]
    assert categories
    one = (await anyone.get("/v1/templates/video-teaser")).body
    assert one["placeholders"]
    assert one["templateData"]["layers"]
    assert (await anyone.get(f"/v1/templates/{one['id']}")).body == one
