"""The services that the tests start are the real ones."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_the_database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

        assert cursor.fetchone() == (1,)


def test_the_broker_answers() -> None:
    cache.set("seen", "yes")

    assert cache.get("seen") == "yes"
