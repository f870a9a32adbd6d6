"""What can be asked of keys: those with which machines join, and those of programs."""

from __future__ import annotations

from typing import cast

from network.headscale import commands
from network.headscale.calls import is_over, only
from network.headscale.errors import InvalidArgumentError, RejectedError, TimedOutError
from network.headscale.types import ApiKey, PreAuthKey
from network.headscale.user_verbs import UserVerbs

_MASK = "***"


class KeyVerbs(UserVerbs):
    """Pre-auth keys and API keys: list, make, end, remove."""

    def preauth_keys(self) -> tuple[PreAuthKey, ...]:
        """List every pre-auth key; up to 0.27 the engine wants one question per user."""
        if self._release is None or self._release >= (0, 28):
            try:
                return cast("tuple[PreAuthKey, ...]", self._ask(commands.LIST_PREAUTH_KEYS))
            except RejectedError as error:
                if error.reason != "usage":
                    raise
        return tuple(key for user in self.users() for key in self._preauth_keys_of(user.id))

    def _preauth_keys_of(self, user_id: int) -> tuple[PreAuthKey, ...]:
        keys = self._ask(commands.LIST_PREAUTH_KEYS_OF_USER, user_id=user_id)
        return cast("tuple[PreAuthKey, ...]", keys)

    def create_preauth_key(
        self,
        user_id: int | None,
        *,
        lifetime: str = "24h",
        reusable: bool = False,
        ephemeral: bool = False,
        tags: tuple[str, ...] = (),
    ) -> PreAuthKey:
        """Make a key with which machines join; `key` of the result is the secret, shown once.

        Without a user it belongs to its tags (0.28). Never repeated by itself: a lost answer
        leaves a key nobody knows, to be found and expired.
        """
        if user_id is None:
            self._require("preauthkeys.tags_only")
            if not tags:
                raise InvalidArgumentError("A key needs a user or tags")
        made = self._change(
            commands.CREATE_PREAUTH_KEY,
            user_id=user_id,
            lifetime=lifetime,
            reusable=reusable,
            ephemeral=ephemeral,
            tags=tags,
        )
        key = cast(PreAuthKey, made)
        only(listed for listed in self._read_back(self.preauth_keys) if listed.id == key.id)
        return key

    def expire_preauth_key(self, key: PreAuthKey) -> None:
        """End a key; up to 0.27 this needs its secret and its user."""
        if self._knows_keys_by_id(key):
            self._change(commands.EXPIRE_PREAUTH_KEY, key_id=key.id)
        else:
            self._change(
                commands.EXPIRE_PREAUTH_KEY_BY_SECRET,
                user_id=key.user.id if key.user else None,
                key=key.key,
            )
        for listed in self._read_back(self.preauth_keys):
            if listed.id == key.id and not is_over(listed.expires_at, self._clock()):
                raise TimedOutError("the key is still listed as valid")

    def delete_preauth_key(self, key_id: int) -> None:
        """Remove a key (0.28); returns when the list no longer has it."""
        self._change(commands.DELETE_PREAUTH_KEY, key_id=key_id)
        if any(listed.id == key_id for listed in self._read_back(self.preauth_keys)):
            raise TimedOutError("the key is still listed")

    def _knows_keys_by_id(self, key: PreAuthKey) -> bool:
        if self._release is not None:
            return self._release >= (0, 28)
        return not key.key or key.key.startswith("hskey-")

    def api_keys(self) -> tuple[ApiKey, ...]:
        """List the keys with which programs ask the engine."""
        return cast("tuple[ApiKey, ...]", self._ask(commands.LIST_API_KEYS))

    def lives_on(self, key: ApiKey) -> bool:
        """Say whether a key is the one with which this client itself asks a distant engine."""
        secret = self._remote["HEADSCALE_CLI_API_KEY"]
        return bool(secret) and belongs_to(key, secret)

    def create_api_key(self, *, lifetime: str = "90d") -> tuple[ApiKey, str]:
        """Make a key for a program; returns it as listed, and its secret, shown this once.

        Never repeated by itself.
        """
        secret = cast(str, self._change(commands.CREATE_API_KEY, lifetime=lifetime))
        listed = self._read_back(self.api_keys)
        return only(key for key in listed if belongs_to(key, secret)), secret

    def expire_api_key(self, key: ApiKey) -> None:
        """End a key of a program; returns when the list says so."""
        self._change(commands.EXPIRE_API_KEY, api_key_prefix=key.prefix)
        for listed in self._read_back(self.api_keys):
            if listed.id == key.id and not is_over(listed.expires_at, self._clock()):
                raise TimedOutError("the key is still listed as valid")

    def delete_api_key(self, key: ApiKey) -> None:
        """Remove a key of a program; returns when the list no longer has it."""
        self._change(commands.DELETE_API_KEY, api_key_prefix=key.prefix)
        if any(listed.id == key.id for listed in self._read_back(self.api_keys)):
            raise TimedOutError("the key is still listed")


def belongs_to(key: ApiKey, secret: str) -> bool:
    """Say whether a secret is the one of a listed key: lists show how it begins."""
    return secret.startswith((key.prefix.removesuffix(_MASK), f"{key.prefix}."))
