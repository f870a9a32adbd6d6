"""Doors of the API to quarantine and swap of machines."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from network import operations, queries
from network.api.changes import Asking, Change, carry_out
from network.api.serializers import CommandSerializer, MachineSerializer
from network.api.views import SERVER, machine_of, validated
from network.engine import now
from network.models import HeadscaleCommand, MachineProfile
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once
from pharmacies.access.serializers import StrictSerializer


class SwapSerializer(StrictSerializer):
    """The new machine, by our number."""

    new_machine = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class ReplacingViewSet(ViewSet):
    """A machine is kept out of the network, comes back, or gives its place to another."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "quarantine": "machines:expire",
        "release": "machines:expire",
        "swap": "machines:rename",
    }

    @extend_schema(
        operation_id="nodes_quarantine",
        parameters=[SERVER],
        request=None,
        responses={200: MachineSerializer, 202: CommandSerializer},
    )
    def quarantine(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            ask = partial(
                operations.quarantine_machine,
                actor=actor_of(request),
                at=now(),
                machine_id=machine.pk,
            )
            return Asking(machine.server_id, ask)

        return carry_out(request, Change(read, partial(_now, _("격리했습니다."))))

    @extend_schema(
        operation_id="nodes_release",
        parameters=[SERVER],
        request=None,
        responses=MachineSerializer,
    )
    def release(self, request: Request, node_id: str) -> Answer:
        def do() -> Answer:
            machine = machine_of(request, node_id)
            operations.release_machine(actor=actor_of(request), at=now(), machine_id=machine.pk)
            data = MachineSerializer(machine_of(request, node_id)).data
            return answer(data, message=_("격리를 풀었습니다."))

        return once(request, at=now(), do=do)

    @extend_schema(
        operation_id="nodes_swap",
        parameters=[SERVER],
        request=SwapSerializer,
        responses={200: MachineSerializer, 202: CommandSerializer},
    )
    def swap(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            number = validated(SwapSerializer, request)["new_machine"]
            new = _machine(number)
            return Asking(machine.server_id, lambda: self._swapped(request, machine.pk, new.pk))

        return carry_out(request, Change(read, partial(_now, _("바꾸었습니다."))))

    def _swapped(self, request: Request, old: int, new: int) -> HeadscaleCommand:
        """Return the command that ends the swap: the new machine has the name then."""
        commands = operations.swap_machine(
            actor=actor_of(request), at=now(), machine_id=old, new_machine_id=new
        )
        return commands[-1]


def _now(sentence: str, command: HeadscaleCommand) -> Answer:
    assert command.machine_id is not None  # Both commands are about a machine.
    machine: Any = _machine(command.machine_id)
    return answer(MachineSerializer(machine).data, message=sentence)


def _machine(number: int) -> MachineProfile:
    machine = queries.machines(at=now()).filter(pk=number).first()
    if machine is None:
        raise Http404
    return machine
