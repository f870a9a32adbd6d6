"""Keep the initial consonants of a pharmacy's name, by which people search."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pharmacies", "0002_printable_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="pharmacy",
            name="initials",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=100, verbose_name="초성"
            ),
        ),
    ]
