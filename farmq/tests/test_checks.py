"""Settings that are wrong together are found by the system checks."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from farmq import checks


def test_the_defaults_hold() -> None:
    assert checks.check_times() == []
    assert checks.check_waiting() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARMQ_CHANGE_TIMEOUT", 600),
        ("FARMQ_READ_TIMEOUT", 600),
        ("CELERY_TASK_SOFT_TIME_LIMIT", 100),
        ("CELERY_TASK_TIME_LIMIT", 100),
        ("FARMQ_LEASE_S", 100),
        ("FARMQ_LEASE_S", 1000),
        ("FARMQ_VISIBILITY_S", 100),
    ],
)
def test_times_that_contradict_each_other_are_found(
    settings: Settings, name: str, value: int
) -> None:
    setattr(settings, name, value)

    found = checks.check_times()

    assert {message.id for message in found} == {"farmq.E001"}
    assert name in str(found[0].msg)


def test_a_wait_longer_than_the_web_server_allows_is_found(settings: Settings) -> None:
    settings.FARMQ_WAIT_S = 60

    assert [message.id for message in checks.check_waiting()] == ["farmq.E002"]


def test_the_checks_are_registered(settings: Settings) -> None:
    settings.FARMQ_LEASE_S = 1

    assert "farmq.E001" in {message.id for message in run_checks()}
