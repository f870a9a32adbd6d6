"""The side bar marks where one is."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from farmq.navigation import navigation
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/admin/", ["대시보드"]),
        ("/admin/network/machineprofile/", ["머신"]),
        ("/admin/network/machineprofile/7/change/", ["머신"]),
        ("/admin/network/machineprofile/routes/", ["경로"]),
        ("/admin/password_change/", []),
    ],
)
def test_one_line_is_marked(rf: RequestFactory, path: str, marked: list[str]) -> None:
    request = rf.get(path)
    request.user = person("operator", Role.OPERATOR)

    groups = navigation(request)

    lines = [line for group in groups for line in group["items"]]
    assert [str(line["title"]) for line in lines if line["active"]] == marked
