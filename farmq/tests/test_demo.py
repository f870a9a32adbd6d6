"""The sample fleet, shared out over simulated engines."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from network.headscale.simulator.config import create
from network.models import HeadscaleServer, MachineProfile, PharmacyLink
from network.servers import register_servers
from pharmacies.models import Pharmacy
from pharmacies.tenancy import platform_context
from tests.commands.stack import SIMULATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def engines(settings: Any, tmp_path: Path) -> None:
    """Two simulated engines with two pharmacies each, registered."""
    settings.FARMQ_SIMULATED = True
    settings.HEADSCALE_SERVERS = [
        {
            "slug": slug,
            "name": slug,
            "command": (sys.executable, str(SIMULATOR), "-c", str(create(place, pharmacies=2))),
            "address": "",
            "api_key": "",
            "login_url": "",
            "simulated": True,
        }
        for slug, place in (("north", tmp_path / "north"), ("south", tmp_path / "south"))
    ]
    register_servers()


def demo(**options: int) -> str:
    said = io.StringIO()
    call_command("demo", stdout=said, **options)
    return said.getvalue()


@pytest.mark.usefixtures("engines")
def test_a_fleet_is_shared_out_evenly() -> None:
    demo(pharmacies=4, servers=2)

    with platform_context():
        servers = HeadscaleServer.objects.annotate(number=Count("links")).order_by("pk")
        links = PharmacyLink.objects.order_by("pk")
        assert [(one.slug, one.number) for one in servers] == [("north", 2), ("south", 2)]
        assert [link.headscale_user_name for link in links] == ["p0001", "p0002"] * 2
        machines = MachineProfile.objects.filter(pharmacy__isnull=False)
        assert machines.values("server").distinct().count() == 2
        assert not MachineProfile.objects.filter(pharmacy=None).exists()


@pytest.mark.usefixtures("engines")
def test_one_server_has_the_whole_fleet_unless_more_are_asked_for() -> None:
    demo(pharmacies=2)

    with platform_context():
        assert set(PharmacyLink.objects.values_list("server__slug", flat=True)) == {"north"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pharmacies": 2, "servers": 3}, "--servers"),
        ({"pharmacies": 3, "servers": 1}, "--pharmacies"),
    ],
)
@pytest.mark.usefixtures("engines")
def test_what_the_engines_lack_is_said_and_nothing_is_made(
    options: dict[str, int], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        demo(**options)

    with platform_context():
        assert not Pharmacy.objects.exists()


@pytest.mark.usefixtures("engines")
def test_a_real_engine_gets_no_sample_fleet(settings: Any) -> None:
    settings.FARMQ_SIMULATED = False

    with pytest.raises(CommandError, match="모의 엔진이 아니므로"):
        demo(pharmacies=1)
