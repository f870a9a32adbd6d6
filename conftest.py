"""What every test of the house may rely on."""

import pytest
from django.core.cache import cache
from redis.exceptions import RedisError


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test begins with an empty cache, so that no order of tests matters."""
    try:
        cache.clear()
    except RedisError as error:
        pytest.fail(f"the cache of the tests does not answer: {error}")
