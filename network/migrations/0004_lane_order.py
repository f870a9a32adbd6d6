"""Give every command its place in the lane: when it was asked for, moved by its priority."""

from django.db import migrations, models
from django.db.models import F


def take_the_time_of_asking(apps, schema_editor):
    command = apps.get_model("network", "HeadscaleCommand")
    command._base_manager.filter(due_at=None).update(due_at=F("requested_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0003_machines_back_to_the_platform"),
    ]

    operations = [
        migrations.AddField(
            model_name="headscalecommand",
            name="priority",
            field=models.SmallIntegerField(
                choices=[(-1, "대량 작업"), (0, "보통"), (1, "급함")],
                default=0,
                verbose_name="순위",
            ),
        ),
        migrations.AddField(
            model_name="headscalecommand",
            name="due_at",
            field=models.DateTimeField(null=True, verbose_name="차례"),
        ),
        migrations.RunPython(take_the_time_of_asking, migrations.RunPython.noop),
    ]
