"""The token library makes a table for the model that ours replaces. It would stay empty for ever,
and its foreign key to the users keeps PostgreSQL from emptying them in tests.
"""

from django.db import migrations


def drop(apps, schema_editor):
    schema_editor.delete_model(apps.get_model("knox", "AuthToken"))


def make(apps, schema_editor):
    schema_editor.create_model(apps.get_model("knox", "AuthToken"))


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_audit_append_only"),
        ("knox", "0009_extend_authtoken_field"),
    ]

    operations = [migrations.RunPython(drop, make)]
