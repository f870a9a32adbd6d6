"""`headscale policy` and `headscale oauth-clients`."""

from __future__ import annotations

from network.headscale.simulator.flags import STRING, STRINGS, Flag
from network.headscale.simulator.grammar.command import LISTED, Command

_FILE = Flag("file", "f", STRING, "Path to a policy file in HuJSON format", required=True)

POLICY = Command(
    name="policy",
    short="Manage the Headscale ACL Policy",
    children=(
        Command("check", "Check the Policy file for errors", "policy check", flags=(_FILE,)),
        Command(
            name="get",
            short="Print the current ACL Policy",
            verb="policy get",
            aliases=("show", "view", "fetch"),
        ),
        Command(
            name="set",
            short="Updates the ACL Policy",
            verb="policy set",
            aliases=("put", "update"),
            flags=(_FILE,),
        ),
    ),
)
OAUTH = Command(
    name="oauth-clients",
    short="Manage OAuth clients",
    aliases=("oauth-client", "oauthclients", "oauthclient", "oauth"),
    since=30,
    children=(
        Command(
            name="create",
            short="Create an OAuth client",
            verb="oauth-clients create",
            flags=(
                Flag("scope", "s", STRINGS, "Scope granted to the client"),
                Flag("tag", "t", STRINGS, "Tag of the client's devices"),
                Flag("description", "d", STRING, "Description of the client"),
            ),
        ),
        Command("list", "List OAuth clients", "oauth-clients list", aliases=LISTED),
    ),
)
