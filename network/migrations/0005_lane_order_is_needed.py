"""From now on no command is without its place in the lane."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0004_lane_order"),
    ]

    operations = [
        migrations.AlterField(
            model_name="headscalecommand",
            name="due_at",
            field=models.DateTimeField(verbose_name="차례"),
        ),
        migrations.RemoveIndex(model_name="headscalecommand", name="command_queue"),
        migrations.AddIndex(
            model_name="headscalecommand",
            index=models.Index(
                fields=["server", "state", "due_at", "id"], name="command_queue"
            ),
        ),
    ]
