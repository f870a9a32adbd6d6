"""What a policy's page offers beside its text: the made policy, taking over, staff groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations, policies
from network.admin.buttons import Button
from network.models import HeadscaleServer
from network.states import PolicyStanding
from pharmacies.access.actor import Actor

ACTIONS = frozenset({"generate", "adopt", "group", "forget-group"})
_PROTOCOLS = [("", gettext_lazy("TCP와 UDP")), ("tcp", "TCP"), ("udp", "UDP"), ("icmp", "ICMP")]


class BaseForm(forms.Form):
    base_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


class GroupForm(forms.Form):
    """A group of staff; a name that exists is changed."""

    name = forms.CharField(
        label=gettext_lazy("그룹 이름"),
        max_length=40,
        help_text=gettext_lazy(
            "영문 소문자, 숫자, 사이에 -. 예: support. 있는 이름을 쓰면 그 그룹을 바꿉니다."
        ),
    )
    users = forms.CharField(
        label=gettext_lazy("네트워크 사용자"),
        max_length=2000,
        help_text=gettext_lazy("띄어 씁니다. 예: helper night-duty"),
    )
    ports = forms.CharField(
        label=gettext_lazy("포트"),
        max_length=500,
        help_text=gettext_lazy("띄어 씁니다. 예: 22 3389 5900-5910, 모두면 *"),
    )
    protocol = forms.ChoiceField(label=gettext_lazy("프로토콜"), choices=_PROTOCOLS, required=False)


class ForgetForm(forms.Form):
    group_id = forms.TypedChoiceField(label=gettext_lazy("그룹"), coerce=int)


def buttons(actor: Actor, server: HeadscaleServer) -> list[Button]:
    """Return the changes of a server's policy that a person may ask for."""
    if not actor.may("policy:write"):
        return []
    foreign = policies.standing_of(server, at=timezone.now()).standing == PolicyStanding.FOREIGN
    offered = [_adopt(server)] if foreign else [_generate(server)]
    offered.append(_save_group(server))
    if policies.staff_groups(server):
        offered.append(_forget_group(server))
    return offered


def _url(server: HeadscaleServer, action: str) -> str:
    return reverse("admin:network_policy_action", args=[server.pk, action])


def _generate(server: HeadscaleServer) -> Button:
    return Button(
        action="generate",
        verb=_("자동 정책 적용"),
        title=_("약국과 직원 그룹으로 만든 정책 적용"),
        consequence=_(
            "어느 약국도 다른 약국에 닿지 않는다고 증명된 정책입니다. 지금 정책은 판으로 남습니다."
        ),
        done=_("적용했습니다."),
        form=BaseForm,
        initial={"base_sha256": policies.base_of(server)},
        ask=lambda actor, at, values: operations.set_generated_policy(
            actor=actor, at=at, server_id=server.pk, **values
        ),
        leaves=True,
        url=_url(server, "generate"),
    )


def _adopt(server: HeadscaleServer) -> Button:
    return Button(
        action="adopt",
        verb=_("엔진의 정책 가져오기"),
        title=_("엔진의 정책 가져오기"),
        consequence=_("다른 곳에서 바꾼 정책을 판으로 남깁니다. 엔진은 아무것도 바뀌지 않습니다."),
        done=_("가져왔습니다."),
        ask=lambda actor, at, _values: operations.adopt_policy(
            actor=actor, at=at, server_id=server.pk
        ),
        leaves=True,
        url=_url(server, "adopt"),
    )


def _save_group(server: HeadscaleServer) -> Button:
    def ask(actor: Actor, at: datetime, values: dict[str, Any]) -> None:
        lists = {name: values[name].replace(",", " ").split() for name in ("users", "ports")}
        operations.save_staff_group(
            actor=actor,
            at=at,
            server_id=server.pk,
            name=values["name"],
            values={**lists, "protocol": values["protocol"]},
        )

    return Button(
        action="group",
        verb=_("직원 그룹 저장"),
        title=_("직원 그룹 저장"),
        consequence=_("자동 정책을 다시 적용할 때부터 이 그룹이 약국의 머신에 닿습니다."),
        done=_("저장했습니다. 자동 정책을 적용하면 반영됩니다."),
        form=GroupForm,
        ask=ask,
        has_page=True,
        url=_url(server, "group"),
    )


def _forget_group(server: HeadscaleServer) -> Button:
    choices = [(group.pk, group.name) for group in policies.staff_groups(server)]

    def form(*args: Any, **kwargs: Any) -> forms.Form:
        made = ForgetForm(*args, **kwargs)
        field = made.fields["group_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = choices
        return made

    def ask(actor: Actor, at: datetime, values: dict[str, Any]) -> None:
        operations.delete_staff_group(actor=actor, at=at, group_id=values["group_id"])

    return Button(
        action="forget-group",
        verb=_("직원 그룹 지우기"),
        title=_("직원 그룹 지우기"),
        consequence=_("자동 정책을 다시 적용할 때부터 이 그룹은 약국의 머신에 닿지 않습니다."),
        done=_("지웠습니다. 자동 정책을 적용하면 반영됩니다."),
        form=form,
        ask=ask,
        danger=True,
        has_page=True,
        url=_url(server, "forget-group"),
    )
