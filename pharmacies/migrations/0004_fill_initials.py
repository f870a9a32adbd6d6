"""Give the pharmacies that are there already their initial consonants."""

from django.db import migrations

from pharmacies.hangul import initials


def fill(apps, schema_editor):
    pharmacy = apps.get_model("pharmacies", "Pharmacy")
    for number, name in pharmacy._base_manager.values_list("pk", "pharmacy_name"):
        pharmacy._base_manager.filter(pk=number).update(initials=initials(name)[:100])


class Migration(migrations.Migration):
    dependencies = [
        ("pharmacies", "0003_initials"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
