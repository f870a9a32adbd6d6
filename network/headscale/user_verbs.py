"""What can be asked of users; here, one user a pharmacy."""

from __future__ import annotations

from typing import cast

from network.headscale import commands
from network.headscale.calls import Calls, only
from network.headscale.errors import RejectedError, TimedOutError
from network.headscale.types import User


class UserVerbs(Calls):
    """Users: list, make, rename, remove."""

    def users(self) -> tuple[User, ...]:
        """List every user of the engine."""
        return cast("tuple[User, ...]", self._ask(commands.LIST_USERS))

    def create_user(
        self, name: str, *, display_name: str | None = None, email: str | None = None
    ) -> User:
        """Make a user; returns it as listed afterwards."""
        self._change(commands.CREATE_USER, user_name=name, display_name=display_name, email=email)
        return only(user for user in self._read_back(self.users) if user.name == name)

    def rename_user(self, user_id: int, name: str) -> User:
        """Give a user another name; returns it as listed afterwards."""
        self._change(commands.RENAME_USER, user_id=user_id, user_name=name)
        listed = self._read_back(self.users)
        return only(user for user in listed if (user.id, user.name) == (user_id, name))

    def destroy_user(self, user_id: int) -> None:
        """Remove a user without machines, with its keys; refused where it takes everyone's keys.

        Returns when the list no longer has it.
        """
        if self._change(commands.DESTROY_USER, user_id=user_id) is False:
            raise RejectedError("User not destroyed", "not_confirmed")
        if any(user.id == user_id for user in self._read_back(self.users)):
            raise TimedOutError("the user is still listed")
