"""Say why a state began, and when nobody was looking."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0007_readings_of_the_engine"),
    ]

    operations = [
        migrations.AddField(
            model_name='machinestate',
            name='cause',
            field=models.CharField(choices=[('FIRST_SEEN', '처음 보임'), ('ENGINE', '엔진의 목록'), ('EXPIRY', '로그인 기한이 끝남'), ('COMMAND', '관리자의 변경'), ('AFTER_GAP', '확인이 끊긴 동안 바뀜'), ('ACCEPTED', '보류한 목록을 사람이 받아들임')], default='ENGINE', max_length=12, verbose_name='원인'),
        ),
        migrations.AddField(
            model_name='syncrun',
            name='list_bytes',
            field=models.IntegerField(default=0, verbose_name='목록 크기(바이트)'),
        ),
        migrations.CreateModel(
            name='SyncGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='시작')),
                ('ended_at', models.DateTimeField(verbose_name='끝')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='network.headscaleserver', verbose_name='서버')),
            ],
            options={
                'verbose_name': '확인이 끊긴 시간',
                'verbose_name_plural': '확인이 끊긴 시간',
                'indexes': [models.Index(fields=['server', '-started_at'], name='gap_history')],
            },
        ),
    ]
