"""Credentials in every encoding that a foreign error may quote them in, and a look for what came through."""

import base64
import html
import json
import random
import string
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import strategies as st

from functions.retention.cloud.settings import Credentials
from functions.retention.core.errors import CloudError

ALPHABETS = (string.ascii_letters, string.ascii_letters + string.digits, string.ascii_letters + "+/=&<\"'\\")
LENGTH = 6
"""Characters of a credential that may not come through in a row."""

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, all": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "XML": html.escape,
    "XML, by number": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, inside": lambda text: base64.b64encode(f"k{text}".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "first half": lambda text: text[: len(text) // 2],
    "second half": lambda text: text[len(text) // 2 :],
    "JSON": lambda text: json.dumps({"token": text}),
    "JSON, by number": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "control characters": lambda text: f"\r\n{text}\x00\r",
    "repr": lambda text: repr(f"{text}\r".encode()),
}

FRAMES = (
    "{0}",
    "Message {0}",
    "nas:{0}",
    "nas:Get{0}",
    "is not authorized to perform 'fc:{0}'",
    "The string to sign is GET\n/?SecurityToken={0}&x",
    "Invalid.{0}",
)
"""Texts around a credential; some make it look like a permission or a code."""


@dataclass(frozen=True)
class Quoted:
    """Credentials, and one of them as an error may quote it.

    Attributes:
        credentials: the caller's.
        secret: the part that is quoted.
        text: the quotation.
    """

    credentials: Credentials
    secret: str
    text: str


@st.composite
def quotations(draw: st.DrawFn) -> Quoted:
    """Random credentials, with one part of them encoded and framed."""
    rng = random.Random(draw(st.integers(0, 2**64)))
    alphabet = draw(st.sampled_from(ALPHABETS))
    parts = ["".join(rng.choices(alphabet, k=length)) for length in (24, 30, rng.choice((36, 40, 64, 512)))]
    secret = draw(st.sampled_from(parts))
    encode = ENCODINGS[draw(st.sampled_from(sorted(ENCODINGS)))]
    return Quoted(Credentials(*parts), secret, draw(st.sampled_from(FRAMES)).format(encode(secret)))


def assert_nothing_came_through(error: CloudError, quoted: Quoted) -> None:
    """Neither text, fields nor traceback of an error share `LENGTH` characters with a credential in any spelling."""
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    for name, encode in ENCODINGS.items():
        spelling = encode(quoted.secret)
        windows = {spelling[at : at + LENGTH] for at in range(len(spelling) - LENGTH + 1)} - COMMON
        found = [window for window in windows if window in shown]
        assert not found, f"{name}: {found} of the quotation in {shown}"


COMMON = frozenset({'{"toke', '"token', 'token"', 'oken":', 'ken": '})
"""What the encodings add of their own."""
