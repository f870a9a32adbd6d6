"""The sentences that scripts of a page say, in the language of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _


def script_words() -> dict[str, str]:
    """Return name → sentence; `{…}` in a sentence is filled by the script."""
    return {
        "now": _("방금"),
        "seconds": _("{count}초 전"),
        "minutes": _("{count}분 전"),
        "hours": _("{count}시간 전"),
        "stale": _("{age} 자료입니다. 서버가 응답하지 않아 다시 시도하는 중…"),
        "no_answer": _("서버가 응답하지 않습니다. 잠시 뒤에 상태를 확인해 주십시오."),
        "not_done": _("처리하지 못했습니다. 페이지를 새로 고친 뒤 다시 해 주십시오."),
        "copied": _("복사했습니다."),
        "not_copied": _("복사하지 못했습니다. 직접 선택해 복사해 주십시오."),
        "close": _("닫기"),
        "editor.Find": _("찾기"),
        "editor.Replace": _("바꿀 말"),
        "editor.next": _("다음"),
        "editor.previous": _("이전"),
        "editor.all": _("모두 고르기"),
        "editor.match case": _("대소문자 구분"),
        "editor.regexp": _("정규식"),
        "editor.by word": _("낱말 단위"),
        "editor.replace": _("바꾸기"),
        "editor.replace all": _("모두 바꾸기"),
        "editor.close": _("닫기"),
        "editor.Go to line": _("줄 번호로 가기"),
        "editor.go": _("가기"),
    }
