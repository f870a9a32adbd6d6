"""Addresses of the network's API, below `/api/`."""

from django.urls import path

from network.api.bulk import BulkViewSet
from network.api.commands import CommandViewSet
from network.api.keys import ApiKeyViewSet, PreAuthKeyViewSet
from network.api.links import AssignmentViewSet, LinkViewSet
from network.api.machine_records import MachineRecordViewSet, SavedViewViewSet
from network.api.policies import PolicyViewSet
from network.api.replacing import ReplacingViewSet
from network.api.servers import ServerViewSet
from network.api.users import HeadscaleUserViewSet
from network.api.views import NodeViewSet

nodes = NodeViewSet.as_view
commands = CommandViewSet.as_view
users = HeadscaleUserViewSet.as_view
preauth_keys = PreAuthKeyViewSet.as_view
api_keys = ApiKeyViewSet.as_view
servers = ServerViewSet.as_view
bulk = BulkViewSet.as_view
policy = PolicyViewSet.as_view
replacing = ReplacingViewSet.as_view
assignment = AssignmentViewSet.as_view
links = LinkViewSet.as_view
records = MachineRecordViewSet.as_view
views = SavedViewViewSet.as_view

urlpatterns = [
    path("nodes", nodes({"get": "list"}), name="nodes"),
    path("nodes/register", servers({"post": "register"}), name="node-register"),
    path("nodes/<str:node_id>", nodes({"get": "retrieve"}), name="node"),
    path("nodes/<str:node_id>/rename", nodes({"post": "rename"}), name="node-rename"),
    path("nodes/<str:node_id>/expire", nodes({"post": "expire"}), name="node-expire"),
    path("nodes/<str:node_id>/delete", nodes({"delete": "delete"}), name="node-delete"),
    path(
        "nodes/<str:node_id>/routes",
        nodes({"get": "routes", "post": "approve"}),
        name="node-routes",
    ),
    path("nodes/<str:node_id>/tags", nodes({"post": "tags"}), name="node-tags"),
    path("nodes/<str:node_id>/move", nodes({"post": "move"}), name="node-move"),
    path("nodes/<str:node_id>/assign", assignment({"post": "assign"}), name="node-assign"),
    path("nodes/<str:node_id>/describe", records({"post": "describe"}), name="node-describe"),
    path("nodes/<str:node_id>/state", records({"get": "state"}), name="node-state"),
    path("nodes/<str:node_id>/days", records({"get": "days"}), name="node-days"),
    path(
        "nodes/<str:node_id>/transitions",
        records({"get": "transitions"}),
        name="node-transitions",
    ),
    path("routes", nodes({"get": "all_routes"}), name="routes"),
    path("views", views({"get": "list", "post": "keep"}), name="views"),
    path("views/<str:view>", views({"delete": "delete"}), name="view"),
    path("links", links({"get": "list", "post": "create"}), name="links"),
    path("links/broken", links({"get": "broken"}), name="links-broken"),
    path("links/repair", links({"post": "repair"}), name="links-repair"),
    path("links/<str:link>", links({"delete": "delete"}), name="link"),
    path("commands", commands({"get": "list"}), name="commands"),
    path("commands/<str:command_id>", commands({"get": "retrieve"}), name="command"),
    path("commands/<str:command_id>/cancel", commands({"post": "cancel"}), name="command-cancel"),
    path("commands/<str:command_id>/secret", commands({"post": "secret"}), name="command-secret"),
    path("users", users({"get": "list", "post": "create"}), name="users"),
    path("users/<str:user>/rename", users({"post": "rename"}), name="user-rename"),
    path("users/<str:user>/delete", users({"delete": "delete"}), name="user-delete"),
    path("preauth-keys", preauth_keys({"get": "list", "post": "create"}), name="preauth-keys"),
    path(
        "preauth-keys/<str:key>/expire", preauth_keys({"post": "expire"}), name="preauth-key-expire"
    ),
    path(
        "preauth-keys/<str:key>/delete",
        preauth_keys({"delete": "delete"}),
        name="preauth-key-delete",
    ),
    path("api-keys", api_keys({"get": "list", "post": "create"}), name="api-keys"),
    path("api-keys/<str:key>/expire", api_keys({"post": "expire"}), name="api-key-expire"),
    path("api-keys/<str:key>/delete", api_keys({"delete": "delete"}), name="api-key-delete"),
    path(
        "nodes/<str:node_id>/quarantine",
        replacing({"post": "quarantine"}),
        name="node-quarantine",
    ),
    path("nodes/<str:node_id>/release", replacing({"post": "release"}), name="node-release"),
    path("nodes/<str:node_id>/swap", replacing({"post": "swap"}), name="node-swap"),
    path("policy", policy({"get": "retrieve", "post": "set"}), name="policy"),
    path("policy/versions", policy({"get": "versions"}), name="policy-versions"),
    path("policy/versions/<str:version>", policy({"get": "version"}), name="policy-version"),
    path(
        "policy/generated",
        policy({"get": "generated", "post": "generate"}),
        name="policy-generated",
    ),
    path("policy/check", policy({"post": "check"}), name="policy-check"),
    path("policy/rollback", policy({"post": "rollback"}), name="policy-rollback"),
    path("policy/adopt", policy({"post": "adopt"}), name="policy-adopt"),
    path("policy/groups", policy({"get": "groups", "post": "save_group"}), name="policy-groups"),
    path("policy/groups/<str:group>", policy({"delete": "delete_group"}), name="policy-group"),
    path("bulk", bulk({"get": "list", "post": "create"}), name="bulk"),
    path("bulk/<str:bulk>", bulk({"get": "retrieve"}), name="bulk-job"),
    path("bulk/<str:bulk>/items", bulk({"get": "items"}), name="bulk-items"),
    path("bulk/<str:bulk>/pause", bulk({"post": "pause"}), name="bulk-pause"),
    path("bulk/<str:bulk>/resume", bulk({"post": "resume"}), name="bulk-resume"),
    path("bulk/<str:bulk>/stop", bulk({"post": "stop"}), name="bulk-stop"),
    path("auth/approve", servers({"post": "approve"}), name="auth-approve"),
    path("auth/reject", servers({"post": "reject"}), name="auth-reject"),
    path("servers", servers({"get": "list"}), name="servers"),
    path("servers/<str:slug>", servers({"get": "retrieve"}), name="server"),
    path("servers/<str:slug>/syncs", servers({"get": "syncs"}), name="server-syncs"),
    path("servers/<str:slug>/check", servers({"post": "check"}), name="server-check"),
    path("servers/<str:slug>/backfillips", servers({"post": "backfill"}), name="server-backfill"),
    path("servers/<str:slug>/list/accept", servers({"post": "accept"}), name="server-accept"),
    path("servers/<str:slug>/list/dismiss", servers({"post": "dismiss"}), name="server-dismiss"),
]
