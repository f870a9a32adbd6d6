"""Who may open and change what in the administration: one table of pages and roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from network.fleet.tests.stage import Stage
from network.models import HeadscalePreAuthKey
from pharmacies.access.models import ApiToken, AuditEvent, Membership, User
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, token_of
from pharmacies.models import Company, Pharmacy
from pharmacies.tenancy import platform_context

# A password hasher of the real strength would take most of the time.
ROLES: dict[str, tuple[Role | None, str | None] | None] = {
    "nobody": None,
    "roleless": (None, None),
    "admin": (Role.ADMINISTRATOR, None),
    "operator": (Role.OPERATOR, None),
    "viewer": (Role.VIEWER, None),
    "gana-op": (Role.OPERATOR, "GANA"),
    "nada-op": (Role.OPERATOR, "NADA"),
    "gana-user": (Role.PHARMACY_USER, "GANA"),
}
# Path, then the answers to ROLES in their order; 302 leads to the page of signing in.
MATRIX = [
    ("", "302 200 200 200 200 200 200 302"),
    ("network/machineprofile/", "302 403 200 200 200 200 200 302"),
    ("network/machineprofile/{gateway}/change/", "302 403 200 200 200 200 404 302"),
    ("network/machineprofile/{gateway}/part/", "302 403 200 200 200 200 404 302"),
    ("network/machineprofile/{gateway}/rename/", "302 403 200 200 403 200 404 302"),
    ("network/machineprofile/{gateway}/expire/", "302 403 200 200 403 200 404 302"),
    ("network/machineprofile/{gateway}/remove/", "302 403 200 200 403 200 404 302"),
    ("network/machineprofile/{gateway}/assign/", "302 403 200 200 403 200 404 302"),
    ("network/machineprofile/{gateway}/describe/", "302 403 200 200 403 200 404 302"),
    ("network/machineprofile/{gateway}/tags/", "302 403 200 200 403 200 404 302"),
    # It has no routes, so nobody is offered any.
    ("network/machineprofile/{gateway}/routes/", "302 403 403 403 403 403 404 302"),
    ("network/machineprofile/{gateway}/nothing/", "302 403 404 404 404 404 404 302"),
    ("network/machineprofile/{gateway}/delete/", "302 403 404 404 404 404 404 302"),
    ("network/machineprofile/add/", "302 403 403 403 403 403 403 302"),
    ("network/headscalecommand/", "302 403 200 200 200 200 200 302"),
    ("network/headscalecommand/add/", "302 403 403 403 403 403 403 302"),
    ("network/syncrun/", "302 403 200 200 200 403 403 302"),
    ("network/headscaleserver/", "302 403 200 200 200 403 403 302"),
    ("network/headscaleserver/{server}/change/", "302 403 200 200 200 403 403 302"),
    ("network/headscaleserver/{server}/part/", "302 403 200 200 200 403 403 302"),
    ("network/headscaleserver/{server}/backfill/", "302 403 200 403 403 403 403 302"),
    # Nothing is held.
    ("network/headscaleserver/{server}/accept/", "302 403 403 403 403 403 403 302"),
    ("network/headscaleserver/{server}/nothing/", "302 403 404 404 404 403 403 302"),
    ("network/headscalepreauthkey/", "302 403 200 200 200 200 200 302"),
    ("network/headscalepreauthkey/{key}/change/", "302 403 200 200 200 200 404 302"),
    ("network/headscalepreauthkey/{key}/expire/", "302 403 200 200 403 200 404 302"),
    ("network/headscalepreauthkey/{key}/remove/", "302 403 200 200 403 200 404 302"),
    ("network/headscaleapikey/", "302 403 200 200 200 403 403 302"),
    ("network/policyversion/", "302 403 200 200 200 403 403 302"),
    ("network/bulkjob/", "302 403 200 200 200 200 200 302"),
    ("network/bulkjob/add/", "302 403 403 403 403 403 403 302"),
    ("pharmacies/pharmacy/links/", "302 403 200 200 403 403 403 302"),
    ("network/machineprofile/routes/", "302 403 200 200 200 200 200 302"),
    ("network/machineprofile/file/", "302 403 200 200 200 200 200 302"),
    ("network/machineprofile/bulk/", "302 302 302 302 302 302 302 302"),
    ("network/headscaleuser/", "302 403 200 200 200 403 403 302"),
    ("network/pharmacylink/", "302 403 200 200 403 403 403 302"),
    ("network/pharmacylink/add/", "302 403 200 200 403 403 403 302"),
    ("pharmacies/pharmacy/", "302 403 200 200 200 200 200 302"),
    ("pharmacies/pharmacy/add/", "302 403 200 200 403 200 200 302"),
    ("pharmacies/pharmacy/{gana}/change/", "302 403 200 200 200 200 302 302"),
    ("pharmacies/pharmacy/{gana}/delete/", "302 403 200 200 403 200 302 302"),
    ("pharmacies/company/", "302 403 200 200 200 200 200 302"),
    ("pharmacies/company/add/", "302 403 200 403 403 403 403 302"),
    ("access/user/", "302 403 200 403 403 403 403 302"),
    ("access/user/add/", "302 403 200 403 403 403 403 302"),
    ("access/apitoken/", "302 403 200 403 403 403 403 302"),
    ("access/apitoken/add/", "302 403 403 403 403 403 403 302"),
    ("access/auditevent/", "302 403 200 200 200 200 200 302"),
    ("access/auditevent/add/", "302 403 403 403 403 403 403 302"),
    ("blocks/", "302 200 200 200 200 200 200 302"),
]
CASES = [
    pytest.param(path, role, int(status), id=f"{path or 'index'} {role}")
    for path, statuses in MATRIX
    for role, status in zip(ROLES, statuses.split(), strict=True)
]


def test_every_list_stands_in_the_table() -> None:
    lists = {f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}

    # The lists of screens are held to their rights in their own room.
    assert lists - {path for path, _ in MATRIX} == {"screens/screenlayout/"}


def client_of(role: str) -> Client:
    client, held = Client(raise_request_exception=True), ROLES[role]
    if held is not None:
        client.force_login(person(role, *held))
    return client


@pytest.mark.any_database
@pytest.mark.parametrize(("path", "role", "status"), CASES)
def test_the_matrix(stage: Stage, path: str, role: str, status: int) -> None:
    rows = {"gateway": stage.machine(1).pk, "gana": stage.gana.pk, "server": stage.server.pk}
    full = path.format(key=key_of_gana(stage) if "{key}" in path else 0, **rows)

    response = client_of(role).get(f"/admin/{full}")

    assert response.status_code == status


def key_of_gana(stage: Stage) -> int:
    """A key with which machines of GANA may join."""
    with platform_context():
        return HeadscalePreAuthKey.objects.create(
            server=stage.server,
            key_id=7,
            company_code="GANA",
            pharmacy=stage.gana,
            confirmed_at=stage.soon(),
        ).pk


@pytest.mark.parametrize("role", ["operator", "viewer", "gana-op"])
def test_the_side_bar_shows_what_may_be_opened(stage: Stage, role: str) -> None:
    client = client_of(role)

    page = client.get("/admin/").content.decode()

    assert "/admin/network/machineprofile/" in page
    assert "/admin/access/user/" not in page
    assert "/admin/access/apitoken/" not in page


def test_lists_of_a_company_hold_only_its_own(stage: Stage) -> None:
    client = client_of("gana-op")

    machines = client.get("/admin/network/machineprofile/").content.decode()
    pharmacies = client.get("/admin/pharmacies/pharmacy/").content.decode()
    companies = client.get("/admin/pharmacies/company/").content.decode()
    index = client.get("/admin/").content.decode()

    assert "gana-gateway" in machines
    assert "nada-counter" not in machines + index
    assert "stranger" not in machines + index
    assert "나다약국" not in machines + pharmacies + companies + index


class TestPharmacies:
    def form(self, **values: Any) -> dict[str, Any]:
        given = {"company": "GANA", "pharmacy_name": "다라약국", "business_number": ""}
        return {**given, "manager_name": "", "phone": "", **values}

    def test_one_is_registered_and_recorded(self, stage: Stage) -> None:
        values = self.form(business_number="220-81-62517", phone="0212345678")

        response = client_of("operator").post("/admin/pharmacies/pharmacy/add/", values)

        assert response.status_code == 302
        with platform_context():
            made = Pharmacy.objects.get(pharmacy_name="다라약국")
            event = AuditEvent.objects.get(action="pharmacy.create", target_id=str(made.pk))
        assert (made.business_number, made.phone) == ("2208162517", "02-1234-5678")
        assert event.actor_label == "user:operator"

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"business_number": "220-81-62518"}, "마지막 숫자가 맞지 않습니다"),
            ({"business_number": "22"}, "숫자 10자리입니다"),
            ({"phone": "12"}, "전화번호를 확인해"),
            ({"pharmacy_name": ""}, "필수"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, stage: Stage, values: dict[str, str], sentence: str
    ) -> None:
        path = "/admin/pharmacies/pharmacy/add/"

        response = client_of("operator").post(path, self.form(**values))

        assert response.status_code == 200
        assert sentence in response.content.decode()

    def test_a_number_belongs_to_one_pharmacy(self, stage: Stage) -> None:
        client = client_of("operator")
        values = self.form(business_number="2208162517")
        client.post("/admin/pharmacies/pharmacy/add/", values)

        response = client.post("/admin/pharmacies/pharmacy/add/", values)

        assert response.status_code == 200
        with platform_context():
            assert Pharmacy.objects.filter(business_number="2208162517").count() == 1

    def test_one_is_changed(self, stage: Stage) -> None:
        path = f"/admin/pharmacies/pharmacy/{stage.gana.pk}/change/"

        response = client_of("gana-op").post(path, self.form(pharmacy_name="새이름약국"))

        assert response.status_code == 302
        with platform_context():
            event = AuditEvent.objects.get(action="pharmacy.update")
            assert Pharmacy.objects.get(pk=stage.gana.pk).pharmacy_name == "새이름약국"
        assert event.details == {"fields": ["pharmacy_name"]}

    def test_it_never_moves_to_another_company(self, stage: Stage) -> None:
        path = f"/admin/pharmacies/pharmacy/{stage.gana.pk}/change/"

        client_of("operator").post(path, self.form(company="NADA", company_id="NADA"))

        with platform_context():
            assert Pharmacy.objects.get(pk=stage.gana.pk).company_id == "GANA"

    def test_nobody_registers_for_another_company(self, stage: Stage) -> None:
        path = "/admin/pharmacies/pharmacy/add/"

        response = client_of("gana-op").post(path, self.form(company="NADA"))

        assert response.status_code == 200
        with platform_context():
            assert not Pharmacy.objects.filter(pharmacy_name="다라약국").exists()

    def test_a_linked_one_stays(self, stage: Stage) -> None:
        path = f"/admin/pharmacies/pharmacy/{stage.gana.pk}/delete/"

        client_of("operator").post(path, {"post": "yes"}, follow=True)

        with platform_context():
            assert Pharmacy.objects.filter(pk=stage.gana.pk).exists()

    def test_one_without_machines_goes(self, stage: Stage) -> None:
        with platform_context():
            empty = Pharmacy(company_id="GANA", pharmacy_name="빈 약국")
            empty.save()
        path = f"/admin/pharmacies/pharmacy/{empty.pk}/delete/"

        response = client_of("operator").post(path, {"post": "yes"})

        assert response.status_code == 302
        with platform_context():
            assert not Pharmacy.objects.filter(pk=empty.pk).exists()
            assert AuditEvent.objects.filter(action="pharmacy.delete").count() == 1


class TestPeople:
    def form(self, **values: Any) -> dict[str, Any]:
        formset = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
        return {
            "username": "new",
            "last_name": "",
            "first_name": "",
            "email": "",
            **formset,
        } | values

    def test_a_role_is_given_and_recorded(self, stage: Stage) -> None:
        target = person("someone")
        role = {"memberships-0-role": "VIEWER", "memberships-0-company_code": "GANA"}
        values = self.form(username="someone", is_active="on", is_staff="on", **role)

        response = client_of("admin").post(f"/admin/access/user/{target.pk}/change/", values)

        assert response.status_code == 302
        held = Membership.objects.get(user=target)
        assert (held.role, held.company_code) == ("VIEWER", "GANA")
        with platform_context():
            event = AuditEvent.objects.get(action="membership.grant")
        assert event.company_code == "GANA"
        assert event.details == {"role": "VIEWER"}

    def test_a_role_is_taken_and_recorded(self, stage: Stage) -> None:
        target = person("someone", Role.VIEWER)
        held = Membership.objects.get(user=target)
        values = self.form(username="someone", is_active="on", is_staff="on") | {
            "memberships-INITIAL_FORMS": "1",
            "memberships-0-id": str(held.pk),
            "memberships-0-user": str(target.pk),
            "memberships-0-role": "VIEWER",
            "memberships-0-DELETE": "on",
        }

        client_of("admin").post(f"/admin/access/user/{target.pk}/change/", values)

        assert not Membership.objects.filter(user=target).exists()
        with platform_context():
            assert AuditEvent.objects.filter(action="membership.revoke").count() == 1

    def test_a_new_password_is_recorded_without_it(self, stage: Stage) -> None:
        target = person("someone")
        values = {
            "password1": "q9-plum-tree",
            "password2": "q9-plum-tree",
            "usable_password": "true",
        }

        client_of("admin").post(f"/admin/access/user/{target.pk}/password/", values)

        assert User.objects.get(pk=target.pk).check_password("q9-plum-tree")
        with platform_context():
            event = AuditEvent.objects.get(action="user.password")
        assert "plum" not in str(event.details)

    def test_a_token_ends_here(self, stage: Stage) -> None:
        token_of(person("someone", Role.VIEWER))
        token = ApiToken.objects.get(user__username="someone")

        response = client_of("admin").post(
            f"/admin/access/apitoken/{token.pk}/delete/", {"post": "yes"}
        )

        assert response.status_code == 302
        assert not ApiToken.objects.filter(pk=token.pk).exists()
        with platform_context():
            assert AuditEvent.objects.filter(action="token.revoke").count() == 1


class TestCompanies:
    def test_one_is_registered_renamed_and_deleted(self, stage: Stage) -> None:
        client = client_of("admin")

        client.post("/admin/pharmacies/company/add/", {"company_code": "DARA", "name": "다라"})
        with platform_context():
            made = Company.objects.get(company_code="DARA")
        path = f"/admin/pharmacies/company/{made.pk}"
        client.post(f"{path}/change/", {"company_code": "OTHER", "name": "새 이름"})
        with platform_context():
            renamed = Company.objects.get(pk=made.pk)
        client.post(f"{path}/delete/", {"post": "yes"})

        assert (renamed.company_code, renamed.name) == ("DARA", "새 이름")
        with platform_context():
            assert not Company.objects.filter(pk=made.pk).exists()
            events = AuditEvent.objects.filter(action__startswith="company.").order_by("pk")
            actions = [event.action for event in events]
        assert actions == ["company.create", "company.rename", "company.delete"]

    def test_one_with_pharmacies_stays(self, stage: Stage) -> None:
        with platform_context():
            company = Company.objects.get(company_code="GANA")

        client_of("admin").post(f"/admin/pharmacies/company/{company.pk}/delete/", {"post": "yes"})

        with platform_context():
            assert Company.objects.filter(pk=company.pk).exists()
