"""Seals a secret so that only who asked for it can read it, once. Nothing is stored in clear."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox


class WrongTokenError(ValueError):
    """The retrieval token does not open this secret."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """`public` goes into the row, `token` (the private half) to the asker alone."""

    public: str
    token: str = field(repr=False)


def make_key_pair() -> KeyPair:
    """Make a one-time pair; both halves as URL-safe text."""
    private = PrivateKey.generate()
    return KeyPair(public=_text(bytes(private.public_key)), token=_text(bytes(private)))


def seal(secret: str, public: str) -> str:
    """Encrypt for the holder of the private half of `public`."""
    return _text(SealedBox(PublicKey(urlsafe_b64decode(public))).encrypt(secret.encode()))


def unseal(sealed: str, token: str) -> str:
    """Decrypt with the retrieval token; raises WrongTokenError for any other text."""
    try:
        box = SealedBox(PrivateKey(urlsafe_b64decode(token)))
        return box.decrypt(urlsafe_b64decode(sealed)).decode()
    except (CryptoError, ValueError, TypeError) as error:
        raise WrongTokenError("The token does not open this secret.") from error


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode()
