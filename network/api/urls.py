"""Addresses of the network's API, below `/api/`."""

from django.urls import path

from network.api.views import CommandViewSet, NodeViewSet

urlpatterns = [
    path("nodes", NodeViewSet.as_view({"get": "list"}), name="nodes"),
    path("nodes/<str:node_id>", NodeViewSet.as_view({"get": "retrieve"}), name="node"),
    path("nodes/<str:node_id>/rename", NodeViewSet.as_view({"post": "rename"}), name="node-rename"),
    path("nodes/<str:node_id>/expire", NodeViewSet.as_view({"post": "expire"}), name="node-expire"),
    path(
        "nodes/<str:node_id>/delete", NodeViewSet.as_view({"delete": "delete"}), name="node-delete"
    ),
    path("commands/<str:command_id>", CommandViewSet.as_view({"get": "retrieve"}), name="command"),
    path(
        "commands/<str:command_id>/cancel",
        CommandViewSet.as_view({"post": "cancel"}),
        name="command-cancel",
    ),
    path(
        "commands/<str:command_id>/secret",
        CommandViewSet.as_view({"post": "secret"}),
        name="command-secret",
    ),
]
