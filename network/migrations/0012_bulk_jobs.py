"""Let a change of many machines be one row with a result for each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0011_policy_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('RENAME_NODE', '이름 바꾸기'), ('EXPIRE_NODE', '만료시키기'), ('DELETE_NODE', '삭제'), ('SET_TAGS', '태그 바꾸기'), ('APPROVE_ROUTES', '경로 승인'), ('MOVE_NODE', '다른 사용자에게 옮기기'), ('REGISTER_NODE', '기다리는 머신 등록'), ('APPROVE_AUTH', '인증 승인'), ('REJECT_AUTH', '인증 거절'), ('BACKFILL_IPS', '빠진 주소 채우기'), ('CREATE_USER', '네트워크 사용자 만들기'), ('RENAME_USER', '네트워크 사용자 이름 바꾸기'), ('DESTROY_USER', '네트워크 사용자 삭제'), ('CREATE_PREAUTH_KEY', '가입 키 만들기'), ('EXPIRE_PREAUTH_KEY', '가입 키 폐기'), ('DELETE_PREAUTH_KEY', '가입 키 삭제'), ('CREATE_API_KEY', '엔진 API 키 만들기'), ('EXPIRE_API_KEY', '엔진 API 키 폐기'), ('DELETE_API_KEY', '엔진 API 키 삭제'), ('SET_POLICY', '정책 적용'), ('CHECK_POLICY', '정책 검사'), ('CROSS_CHECK', '대조 점검')], max_length=30, verbose_name='종류')),
                ('company_code', models.CharField(blank=True, max_length=20, null=True, verbose_name='회사 코드')),
                ('arguments', models.JSONField(default=dict, verbose_name='인수')),
                ('state', models.CharField(choices=[('RUNNING', '진행 중'), ('PAUSED', '일시 정지'), ('STOPPED', '중단됨'), ('DONE', '끝남')], default='RUNNING', max_length=10, verbose_name='상태')),
                ('pace_s', models.FloatField(default=0, verbose_name='간격(초)')),
                ('requested_by', models.CharField(max_length=200, verbose_name='요청한 사람')),
                ('requested_at', models.DateTimeField(verbose_name='요청')),
                ('paused_by_failures', models.BooleanField(default=False, verbose_name='실패로 멈춤')),
                ('resumed_at', models.DateTimeField(null=True, verbose_name='다시 시작')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='끝')),
            ],
            options={
                'verbose_name': '대량 작업',
                'verbose_name_plural': '대량 작업',
                'constraints': [models.UniqueConstraint(fields=('company_code', 'id'), name='bulk_company_id_unique')],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company_code', models.CharField(blank=True, max_length=20, null=True, verbose_name='회사 코드')),
                ('arguments', models.JSONField(default=dict, verbose_name='인수')),
                ('skipped', models.CharField(blank=True, default='', max_length=400, verbose_name='건너뛴 이유')),
                ('command', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_item', to='network.headscalecommand', verbose_name='명령')),
                ('machine', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bulk_items', to='network.machineprofile', verbose_name='머신')),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='network.bulkjob', verbose_name='대량 작업')),
            ],
            options={
                'verbose_name': '대량 작업 항목',
                'verbose_name_plural': '대량 작업 항목',
                'constraints': [models.UniqueConstraint(fields=('company_code', 'id'), name='bulk_item_company_id_unique'), models.UniqueConstraint(fields=('job', 'machine'), name='bulk_machine_once')],
            },
        ),
    ]
