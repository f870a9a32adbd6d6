"""What the changes of an engine's users and keys ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class UserNameForm(forms.Form):
    user_name = forms.CharField(
        label=gettext_lazy("사용자 이름"),
        max_length=50,
        help_text=gettext_lazy("영문 소문자로 시작, 소문자·숫자·. _ - 로 2~50자"),
    )


class NewUserForm(UserNameForm):
    display_name = forms.CharField(label=gettext_lazy("표시 이름"), max_length=100, required=False)


class NewApiKeyForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("용도"), max_length=200)
    lifetime = forms.CharField(
        label=gettext_lazy("유효 기간"),
        max_length=10,
        initial="90d",
        help_text=gettext_lazy("30m, 24h, 90d처럼 적고 90일까지입니다."),
    )


class NewKeyForm(forms.Form):
    """A key with which machines join; its owner is known from where it is asked."""

    lifetime = forms.CharField(
        label=gettext_lazy("유효 기간"),
        max_length=10,
        initial="24h",
        help_text=gettext_lazy("30m, 24h, 90d처럼 적고 90일까지입니다."),
    )
    reusable = forms.BooleanField(label=gettext_lazy("여러 번 사용"), required=False)
    ephemeral = forms.BooleanField(
        label=gettext_lazy("끊기면 사라지는 머신"),
        required=False,
    )
    tags = forms.CharField(
        label=gettext_lazy("태그"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("띄어 씁니다. 예: tag:pharmacy tag:counter"),
    )
    reason = forms.CharField(
        label=gettext_lazy("용도"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("여러 번 쓰는 키에는 꼭 적습니다."),
    )

    def clean_tags(self) -> tuple[str, ...]:
        return tuple(str(self.cleaned_data["tags"]).replace(",", " ").split())


class WaitingMachineForm(forms.Form):
    """The number that a waiting machine's own page shows, and whose it shall be."""

    auth_id = forms.CharField(
        label=gettext_lazy("기기 화면의 번호"),
        max_length=100,
        help_text=gettext_lazy("24글자이거나 hskey-authreq-로 시작합니다."),
    )
    user_name = forms.CharField(label=gettext_lazy("사용자 이름"), max_length=63)


class RequestForm(forms.Form):
    auth_id = forms.CharField(
        label=gettext_lazy("기기 화면의 번호"),
        max_length=100,
        help_text=gettext_lazy("hskey-authreq-로 시작합니다."),
    )
