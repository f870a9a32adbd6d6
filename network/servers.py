"""Makes the rows of the servers from the settings; a server's command stays in the settings."""

from __future__ import annotations

from django.conf import settings

from network.models import HeadscaleServer


def register_servers() -> list[HeadscaleServer]:
    """Create or refresh one row per server of the settings, by slug. This will delete none."""
    return [
        HeadscaleServer.objects.update_or_create(
            slug=entry["slug"],
            defaults={
                "name": entry["name"],
                "simulated": entry["simulated"],
                "login_url": entry["login_url"],
            },
        )[0]
        for entry in settings.HEADSCALE_SERVERS
    ]
