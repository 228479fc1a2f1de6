"""Texts that are written in one way, refused in words and not by a regular expression."""

import re
from collections.abc import Callable


def spelled(pattern: str, like: str) -> Callable[[str], str]:
    """A check that a text is written in one way, for an `AfterValidator`.

    Args:
        pattern: a regular expression that it matches as a whole.
        like: what that means, for a person, as in "is not written like …".
    """

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r:.80} is not written like {like}")
        return text

    return check
