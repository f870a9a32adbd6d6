"""Audit events are added and read, never changed: by no code of ours, and by no SQL either."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from pharmacies.access.audit import Target, record
from pharmacies.access.models import AppendOnlyError, AuditEvent
from pharmacies.access.tests.people import SYSTEM
from pharmacies.tenancy import TenantContext, platform_context, tenant_context

AT = datetime(2026, 10, 5, tzinfo=UTC)


@pytest.fixture
def event(db: None) -> AuditEvent:
    with platform_context():
        return record(
            actor=SYSTEM,
            action="pharmacy.create",
            target=Target("pharmacy", "7", "가나약국"),
            at=AT,
            company_code="GANA",
            details={"fields": ["phone"]},
        )


def test_who_did_what_to_whom(event: AuditEvent) -> None:
    assert event.actor_label == "system:test"
    assert (event.action, event.target_type, event.target_id) == (
        "pharmacy.create",
        "pharmacy",
        "7",
    )
    assert str(event) == "2026-10-05 00:00 system:test pharmacy.create 가나약국"


def test_long_labels_are_cut_and_not_refused(db: None) -> None:
    with platform_context():
        made = record(actor=SYSTEM, action="x", target=Target("t", "1", "가" * 500), at=AT)

    assert len(made.target_label) == 200


def test_queries_change_nothing(event: AuditEvent) -> None:
    with platform_context():
        rows = AuditEvent.objects.all()

        with pytest.raises(AppendOnlyError):
            rows.update(action="nothing")
        with pytest.raises(AppendOnlyError):
            rows.delete()
        with pytest.raises(AppendOnlyError):
            AuditEvent.objects.bulk_update([event], ["action"])


def test_a_row_neither_saves_again_nor_deletes_itself(event: AuditEvent) -> None:
    event.action = "nothing"

    with platform_context():
        with pytest.raises(AppendOnlyError), transaction.atomic():
            event.save()
        with pytest.raises(AppendOnlyError):
            event.delete()
        kept = AuditEvent.objects.get(pk=event.pk)
    assert kept.action == "pharmacy.create"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE access_auditevent SET action = 'nothing'",
        "UPDATE access_auditevent SET company_code = NULL WHERE id = id",
        "DELETE FROM access_auditevent",
    ],
)
def test_postgresql_refuses_sql_by_hand(event: AuditEvent, sql: str) -> None:
    if connection.vendor != "postgresql":
        return

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_a_company_sees_its_own_events_only(event: AuditEvent) -> None:
    for code, number in (("GANA", 1), ("NADA", 0)):
        with tenant_context(TenantContext(frozenset({code}))):
            assert AuditEvent.objects.count() == number


@pytest.mark.django_db(transaction=True)
def test_the_migrations_go_back_and_forth() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("access")

    MigrationExecutor(connection).migrate([("access", "0001_initial")])
    before = connection.introspection.table_names()
    MigrationExecutor(connection).migrate(newest)

    assert "knox_authtoken" in before
    assert "knox_authtoken" not in connection.introspection.table_names()
