"""What the codes of the audit trail are called; a code without a name here is shown as it is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

DEEDS: dict[str, Any] = {
    "company.create": _("회사 등록"),
    "company.rename": _("회사 이름 변경"),
    "company.delete": _("회사 삭제"),
    "pharmacy.create": _("약국 등록"),
    "pharmacy.update": _("약국 수정"),
    "pharmacy.delete": _("약국 삭제"),
    "pharmacy.link": _("약국 연결"),
    "pharmacy.unlink": _("약국 연결 끊기"),
    "list.accept": _("보류된 목록 반영"),
    "machine.assign": _("머신 배정"),
    "command.rename_node": _("이름 바꾸기 요청"),
    "command.expire_node": _("만료 요청"),
    "command.delete_node": _("삭제 요청"),
    "command.create_user": _("네트워크 사용자 요청"),
    "command.create_preauth_key": _("가입 키 요청"),
    "command.cancel": _("명령 취소"),
    "secret.read": _("비밀 꺼냄"),
    "screen.component.add": _("화면 요소 추가"),
    "screen.component.set": _("화면 요소 설정"),
    "screen.component.place": _("화면 요소 옮김"),
    "screen.component.remove": _("화면 요소 삭제"),
    "user.create": _("사용자 등록"),
    "user.update": _("사용자 수정"),
    "user.password": _("비밀번호 변경"),
    "membership.grant": _("역할 부여"),
    "membership.revoke": _("역할 회수"),
    "token.create": _("토큰 만들기"),
    "token.revoke": _("토큰 폐기"),
}
TARGETS: dict[str, Any] = {
    "company": _("회사"),
    "pharmacy": _("약국"),
    "machine": _("머신"),
    "server": _("서버"),
    "command": _("명령"),
    "screen_layout": _("화면 요소"),
    "user": _("사용자"),
    "token": _("API 토큰"),
}
