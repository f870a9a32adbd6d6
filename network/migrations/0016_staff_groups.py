"""Let groups of staff be part of the policy, and take over what an engine has."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('network', '0015_saved_views'),
    ]

    operations = [
        migrations.AlterField(
            model_name='bulkjob',
            name='kind',
            field=models.CharField(choices=[('RENAME_NODE', '이름 바꾸기'), ('EXPIRE_NODE', '만료시키기'), ('DELETE_NODE', '삭제'), ('SET_TAGS', '태그 바꾸기'), ('APPROVE_ROUTES', '경로 승인'), ('MOVE_NODE', '다른 사용자에게 옮기기'), ('REGISTER_NODE', '기다리는 머신 등록'), ('APPROVE_AUTH', '인증 승인'), ('REJECT_AUTH', '인증 거절'), ('BACKFILL_IPS', '빠진 주소 채우기'), ('CREATE_USER', '네트워크 사용자 만들기'), ('RENAME_USER', '네트워크 사용자 이름 바꾸기'), ('DESTROY_USER', '네트워크 사용자 삭제'), ('CREATE_PREAUTH_KEY', '가입 키 만들기'), ('EXPIRE_PREAUTH_KEY', '가입 키 폐기'), ('DELETE_PREAUTH_KEY', '가입 키 삭제'), ('CREATE_API_KEY', '엔진 API 키 만들기'), ('EXPIRE_API_KEY', '엔진 API 키 폐기'), ('DELETE_API_KEY', '엔진 API 키 삭제'), ('SET_POLICY', '정책 적용'), ('CHECK_POLICY', '정책 검사'), ('ADOPT_POLICY', '정책 가져오기'), ('CROSS_CHECK', '대조 점검')], max_length=30, verbose_name='종류'),
        ),
        migrations.AlterField(
            model_name='headscalecommand',
            name='kind',
            field=models.CharField(choices=[('RENAME_NODE', '이름 바꾸기'), ('EXPIRE_NODE', '만료시키기'), ('DELETE_NODE', '삭제'), ('SET_TAGS', '태그 바꾸기'), ('APPROVE_ROUTES', '경로 승인'), ('MOVE_NODE', '다른 사용자에게 옮기기'), ('REGISTER_NODE', '기다리는 머신 등록'), ('APPROVE_AUTH', '인증 승인'), ('REJECT_AUTH', '인증 거절'), ('BACKFILL_IPS', '빠진 주소 채우기'), ('CREATE_USER', '네트워크 사용자 만들기'), ('RENAME_USER', '네트워크 사용자 이름 바꾸기'), ('DESTROY_USER', '네트워크 사용자 삭제'), ('CREATE_PREAUTH_KEY', '가입 키 만들기'), ('EXPIRE_PREAUTH_KEY', '가입 키 폐기'), ('DELETE_PREAUTH_KEY', '가입 키 삭제'), ('CREATE_API_KEY', '엔진 API 키 만들기'), ('EXPIRE_API_KEY', '엔진 API 키 폐기'), ('DELETE_API_KEY', '엔진 API 키 삭제'), ('SET_POLICY', '정책 적용'), ('CHECK_POLICY', '정책 검사'), ('ADOPT_POLICY', '정책 가져오기'), ('CROSS_CHECK', '대조 점검')], max_length=30, verbose_name='종류'),
        ),
        migrations.CreateModel(
            name='StaffGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='이름')),
                ('users', models.JSONField(default=list, verbose_name='네트워크 사용자')),
                ('ports', models.JSONField(default=list, verbose_name='포트')),
                ('protocol', models.CharField(blank=True, default='', max_length=10, verbose_name='프로토콜')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='network.headscaleserver', verbose_name='서버')),
            ],
            options={
                'verbose_name': '직원 그룹',
                'verbose_name_plural': '직원 그룹',
                'constraints': [models.UniqueConstraint(fields=('server', 'name'), name='staff_group_once')],
            },
        ),
    ]
