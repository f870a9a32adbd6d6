"""Keep every policy that was ever in force or proposed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0010_keys_of_the_engine"),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, verbose_name='내용')),
                ('sha256', models.CharField(max_length=64, verbose_name='지문')),
                ('source', models.CharField(choices=[('GENERATED', '자동 생성'), ('EDITED', '직접 편집'), ('ADOPTED', '엔진에서 가져옴'), ('ROLLED_BACK', '되돌림')], max_length=12, verbose_name='출처')),
                ('comment', models.CharField(blank=True, default='', max_length=200, verbose_name='설명')),
                ('proof', models.JSONField(default=dict, verbose_name='격리 증명')),
                ('based_on_sha256', models.CharField(blank=True, default='', max_length=64, verbose_name='바탕 지문')),
                ('created_by', models.CharField(max_length=200, verbose_name='만든 사람')),
                ('created_at', models.DateTimeField(verbose_name='만든 시각')),
                ('in_force_at', models.DateTimeField(null=True, verbose_name='적용 시각')),
                ('replaced_at', models.DateTimeField(null=True, verbose_name='교체 시각')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='network.headscaleserver', verbose_name='서버')),
            ],
            options={
                'verbose_name': '정책',
                'verbose_name_plural': '정책',
                'indexes': [models.Index(fields=['server', '-created_at'], name='policy_history')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('in_force_at__isnull', False), ('replaced_at__isnull', True)), fields=('server',), name='policy_one_in_force')],
            },
        ),
    ]
