"""One projects service for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.parts import DatabaseFactory
from tests.support.projects_house import House, make_house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    database: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    made = await make_house(database, tmp_path_factory.mktemp("projects"))
    yield made
    await made.parts.close()
