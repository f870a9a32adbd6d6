"""Keep what the device told of itself, and what people know of a machine."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0008_gaps_and_causes"),
    ]

    operations = [
        migrations.AddField(
            model_name='machineprofile',
            name='details_at',
            field=models.DateTimeField(null=True, verbose_name='장치 정보를 읽은 시각'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='endpoints',
            field=models.JSONField(default=list, verbose_name='접속 지점'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='home_derp',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='중계 지역'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='initials',
            field=models.CharField(blank=True, default='', max_length=255, verbose_name='초성'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='notes',
            field=models.TextField(blank=True, default='', verbose_name='메모'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='os_version',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='운영체제 판'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='parked_at',
            field=models.DateTimeField(null=True, verbose_name='격리 시작'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='preauth_key_id',
            field=models.BigIntegerField(null=True, verbose_name='가입한 키 번호'),
        ),
        migrations.AddField(
            model_name='machineprofile',
            name='replaced_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='network.machineprofile', verbose_name='대신하는 머신'),
        ),
        migrations.AlterField(
            model_name='machineprofile',
            name='role',
            field=models.CharField(blank=True, choices=[('GATEWAY', '게이트웨이'), ('DISPENSING', '조제'), ('COUNTER', '접수'), ('SERVER', '서버'), ('POS', '계산대'), ('KIOSK', '키오스크'), ('STAFF', '직원'), ('OTHER', '기타')], default='', max_length=20, verbose_name='역할'),
        ),
    ]
