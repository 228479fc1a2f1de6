"""A seal on the messages that the functions send to themselves: HMAC-SHA256 under a key that only they have.

Whoever may send to the work queue can write any message. The seal tells the functions' own messages from all others.
It covers region, account and queue as well as the body, so a message of another deployment does not pass here.

::

    sealed1.<43 characters of unpadded base64url: HMAC-SHA256>.<the body, verbatim>

The envelope adds `OVERHEAD` bytes. It needs no escapes in JSON beyond those of the body, and it is no JSON itself, so
nothing on the way parses the body and writes it anew. A seal does not say how often a message arrives: whoever opens
it still has to detect replays.

Pure: the key is a parameter. Sources: HMAC as in RFC 2104, base64url as in RFC 4648, section 5.
"""

import base64
import binascii
import hashlib
import hmac
import re
from typing import Literal

from functions.retention.core.errors import EventError

MIN_KEY_BYTES = 32
"""Bytes of a key at least: as many as the hash has (RFC 2104, section 3, discourages fewer)."""

_MIN_DIFFERENT_BYTES = 16
"""Different byte values of a key at least; 32 random bytes have fewer in less than one of 10^12 keys."""

_PREFIX = "sealed1."
_TAG_LENGTH = 43

OVERHEAD = len(_PREFIX) + _TAG_LENGTH + 1
"""Bytes that sealing adds to a body."""

_TAG = re.compile(r"[A-Za-z0-9_-]{43}")
_MESSAGE = b"nas-retention message seal 1"
_RECORD = b"nas-retention record seal 1"
_FINGERPRINT = b"nas-retention seal key fingerprint 1"

UnsealedReason = Literal["missing", "malformed", "mismatch"]

_REASONS: dict[UnsealedReason, str] = {
    "missing": f"message has no seal; a message of the functions begins with {_PREFIX!r}",
    "malformed": f"seal is malformed; expected {_PREFIX!r}, {_TAG_LENGTH} characters of base64url and a dot",
    "mismatch": (
        "seal does not match: the message was changed, or it was sealed with another key or for another region, "
        "account or queue"
    ),
}


class Unsealed(EventError):
    """A message that the functions did not send, or that was changed on its way. Its text quotes nothing of it.

    Args:
        reason: ``missing`` (no seal), ``malformed`` (cut or misspelt), ``mismatch`` (does not verify).
    """

    def __init__(self, reason: UnsealedReason) -> None:
        super().__init__(_REASONS[reason])
        self.reason = reason


class SealKey:
    """A key of `MIN_KEY_BYTES` random bytes or more. Nothing that prints it shows it.

    Args:
        secret: the key's bytes.

    Raises:
        ValueError: the key is too short, or cannot be random. The text does not quote it.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"key has {len(secret)} bytes; takes {MIN_KEY_BYTES} random bytes or more")
        if len(set(secret)) < _MIN_DIFFERENT_BYTES:
            raise ValueError(f"key is not random: fewer than {_MIN_DIFFERENT_BYTES} different byte values")
        self._secret = bytes(secret)

    def __repr__(self) -> str:
        return "SealKey(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SealKey) and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a SealKey cannot be pickled or copied")

    def fingerprint(self) -> str:
        """Return a hash that tells whether two keys are equal and from which no key can be found, in hex."""
        return hashlib.sha256(_joined(_FINGERPRINT, self._secret)).hexdigest()

    def mac(self, message: bytes) -> bytes:
        """Return the HMAC-SHA256 of a message under this key, 32 bytes."""
        return hmac.new(self._secret, message, hashlib.sha256).digest()


def parse_seal_key(text: str) -> SealKey:
    """Read a key as a setting or a file holds it.

    Args:
        text: hexadecimal digits, or base64 in either alphabet, padded or not. Text that is both is hexadecimal.

    Raises:
        ValueError: it is neither, or `SealKey` refuses it. The text does not quote it.
    """
    if re.fullmatch("(?:[0-9a-fA-F]{2})+", text):
        return SealKey(bytes.fromhex(text))
    if not re.fullmatch("[A-Za-z0-9+/_-]+={0,2}", text):
        raise ValueError(f"key is neither hexadecimal nor base64; takes {MIN_KEY_BYTES} random bytes in either")
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return SealKey(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    except binascii.Error:
        raise ValueError("key is cut: its length fits neither hexadecimal nor base64") from None


class Seal:
    """Seals and opens the messages of one queue.

    Args:
        key: the deployment's key.
        region: region id of the queue.
        account_id: number of the account that owns it.
        queue: its name.
    """

    def __init__(self, key: SealKey, *, region: str, account_id: str, queue: str) -> None:
        self._key = key
        self._scope = (region.encode(), account_id.encode(), queue.encode())

    def seal(self, body: str) -> str:
        r"""Return a body in its sealed envelope, to be sent verbatim.

        Half of a surrogate pair, which no encoding takes, becomes ``\udxxx`` in the envelope: its escape in JSON.
        """
        octets = body.encode("utf-8", "backslashreplace")
        return f"{_PREFIX}{self._tag(octets)}.{octets.decode()}"

    def open(self, text: str) -> str:
        """Return the body of a sealed envelope, exactly as it was sealed.

        Raises:
            Unsealed: the text has no seal, or one that does not verify here.
        """
        if not is_sealed(text):
            raise Unsealed("missing")
        tag, dot, body = text[len(_PREFIX) :].partition(".")
        if not (dot and _TAG.fullmatch(tag)):
            raise Unsealed("malformed")
        try:
            expected = self._tag(body.encode())
        except UnicodeEncodeError:  # `seal` never writes half of a surrogate pair
            raise Unsealed("mismatch") from None
        if not hmac.compare_digest(tag, expected):
            raise Unsealed("mismatch")
        return body

    def sign(self, text: str) -> str:
        """Return the seal of a record that the functions read back, apart from the text: 43 characters."""
        return _encoded(self._key.mac(_joined(_RECORD, *self._scope, text.encode("utf-8", "backslashreplace"))))

    def is_signed(self, text: str, tag: str) -> bool:
        """Whether `sign` made this seal for this text, in this deployment."""
        return hmac.compare_digest(self.sign(text).encode(), tag.encode("utf-8", "backslashreplace"))

    def _tag(self, body: bytes) -> str:
        """Text is compared, not bytes: 43 characters hold 258 bits, so four texts would stand for one tag."""
        return _encoded(self._key.mac(_joined(_MESSAGE, *self._scope, body)))


def is_sealed(text: str) -> bool:
    """Whether a text claims to be sealed. Only `Seal.open` says whether it is."""
    return text.startswith(_PREFIX)


def without_seal(text: str) -> str:
    """Return what a sealed envelope seems to hold, unverified: to be shown to a person, never worked on."""
    return text[OVERHEAD:] if is_sealed(text) else text


def _encoded(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _joined(*fields: bytes) -> bytes:
    """Fields one after the other, each after its length in eight bytes, so that no two lists give the same bytes."""
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)
