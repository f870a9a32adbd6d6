"""Keep what the slower cycle reads, each topic with an age of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0006_more_kinds_of_commands"),
    ]

    operations = [
        migrations.AddField(
            model_name='headscaleserver',
            name='series',
            field=models.CharField(blank=True, default='', max_length=10, verbose_name='판 계열'),
        ),
        migrations.CreateModel(
            name='ServerReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(choices=[('RELEASE', '판'), ('HEALTH', '상태'), ('USERS', '네트워크 사용자'), ('PREAUTH_KEYS', '가입 키'), ('API_KEYS', 'API 키'), ('POLICY', '정책')], max_length=20, verbose_name='주제')),
                ('value', models.JSONField(default=dict, verbose_name='값')),
                ('read_at', models.DateTimeField(null=True, verbose_name='마지막으로 읽은 시각')),
                ('failing_since_at', models.DateTimeField(null=True, verbose_name='실패 시작')),
                ('error_code', models.CharField(blank=True, default='', max_length=40, verbose_name='오류 코드')),
                ('engine', models.TextField(blank=True, default='', verbose_name='엔진의 말')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='network.headscaleserver', verbose_name='서버')),
            ],
            options={
                'verbose_name': '읽은 값',
                'verbose_name_plural': '읽은 값',
                'constraints': [models.UniqueConstraint(fields=('server', 'topic'), name='reading_once')],
            },
        ),
    ]
