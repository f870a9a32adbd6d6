"""Keep the keys of the engine as last read."""

import django.db.models.deletion
import network.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0009_machine_details"),
        ('pharmacies', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeadscaleApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.BigIntegerField(verbose_name='키 번호')),
                ('prefix', models.CharField(max_length=100, verbose_name='앞부분')),
                ('expires_at', models.DateTimeField(null=True, verbose_name='만료')),
                ('created_at', models.DateTimeField(null=True, verbose_name='만든 시각')),
                ('last_seen_at', models.DateTimeField(null=True, verbose_name='마지막 사용')),
                ('purpose', models.CharField(blank=True, default='', max_length=200, verbose_name='용도')),
                ('confirmed_at', models.DateTimeField(verbose_name='마지막 확인')),
                ('gone_at', models.DateTimeField(null=True, verbose_name='사라진 시각')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='network.headscaleserver', verbose_name='서버')),
            ],
            options={
                'verbose_name': '엔진 API 키',
                'verbose_name_plural': '엔진 API 키',
                'constraints': [models.UniqueConstraint(fields=('server', 'key_id'), name='engine_api_key_once')],
            },
        ),
        migrations.CreateModel(
            name='HeadscalePreAuthKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.BigIntegerField(verbose_name='키 번호')),
                ('company_code', models.CharField(blank=True, max_length=20, null=True, verbose_name='회사 코드')),
                ('headscale_user_id', models.BigIntegerField(null=True, verbose_name='네트워크 사용자 번호')),
                ('user_name', models.TextField(blank=True, default='', verbose_name='네트워크 사용자')),
                ('shown', models.CharField(blank=True, default='', max_length=40, verbose_name='표시')),
                ('reusable', models.BooleanField(default=False, verbose_name='여러 번 사용')),
                ('ephemeral', models.BooleanField(default=False, verbose_name='임시 머신')),
                ('used', models.BooleanField(default=False, verbose_name='사용됨')),
                ('tags', models.JSONField(default=list, verbose_name='태그')),
                ('expires_at', models.DateTimeField(null=True, verbose_name='만료')),
                ('created_at', models.DateTimeField(null=True, verbose_name='만든 시각')),
                ('purpose', models.CharField(blank=True, default='', max_length=200, verbose_name='용도')),
                ('requested_by', models.CharField(blank=True, default='', max_length=200, verbose_name='요청한 사람')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='폐기 시각')),
                ('confirmed_at', models.DateTimeField(verbose_name='마지막 확인')),
                ('gone_at', models.DateTimeField(null=True, verbose_name='사라진 시각')),
                ('pharmacy', models.ForeignKey(null=True, on_delete=network.models.machines.back_to_the_platform, related_name='preauth_keys', to='pharmacies.pharmacy', verbose_name='약국')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preauth_keys', to='network.headscaleserver', verbose_name='서버')),
            ],
            options={
                'verbose_name': '가입 키',
                'verbose_name_plural': '가입 키',
                'constraints': [models.UniqueConstraint(fields=('company_code', 'id'), name='preauth_key_company_id_unique'), models.UniqueConstraint(fields=('server', 'key_id'), name='preauth_key_once')],
            },
        ),
    ]
