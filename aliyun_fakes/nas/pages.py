"""Page tokens of the bin listings: opaque to the client, and as short-lived as the switches say."""

import base64
import binascii
import zlib
from itertools import islice

from aliyun_fakes.nas.entries import Listing, Node
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.settings import NasSettings


class Pager:
    """Cuts a listing into pages.

    Args:
        settings: how stable tokens are.
    """

    def __init__(self, settings: NasSettings) -> None:
        self._settings = settings

    def page(self, members: Listing, place: str, limit: int) -> tuple[list[Node], str]:
        """One page and the place the next one starts at, "" at the end.

        Args:
            members: the whole listing.
            place: from `place_in`, "" for the start.
            limit: members at most.
        """
        by_key = self._settings.page_tokens == "stable"
        if not by_key:
            rest = members.islice(int(place or 0))
        else:
            rest = members.irange_key(_key(place), inclusive=(False, True)) if place else iter(members)
        found = list(islice(rest, limit + 1))
        if len(found) <= limit:
            return found, ""
        return found[:limit], _place(members.key(found[limit - 1])) if by_key else str(int(place or 0) + limit)

    def token(self, scope: str, place: str, now: float, changes: int) -> str:
        """The token for a place in the listing named by `scope`."""
        text = f"{now:.3f}|{changes}|{place}"
        check = zlib.crc32(f"{scope}|{text}".encode())
        return base64.urlsafe_b64encode(f"{check:08x}|{text}".encode()).decode()

    def place_in(self, token: str, scope: str, now: float, changes: int) -> str:
        """The place a token names; "" for no token.

        Raises:
            NasError: 404 InvalidParameter.InvalidNextToken: not a token of this listing, or no longer good.
        """
        if not token:
            return ""
        try:
            check, _, text = base64.urlsafe_b64decode(token.encode()).decode().partition("|")
            issued, at_change, place = text.split("|", 2)
            right = int(check, 16) == zlib.crc32(f"{scope}|{text}".encode())
        except (ValueError, binascii.Error) as error:
            raise NasError("InvalidParameter.InvalidNextToken") from error
        lasts = self._settings.page_token_seconds
        fresh = lasts is None or now - float(issued) <= lasts
        unchanged = self._settings.page_tokens_survive_changes or int(at_change) == changes
        if not (right and fresh and unchanged):
            raise NasError("InvalidParameter.InvalidNextToken")
        return place


def _place(key: int | tuple[str, int]) -> str:
    """A key, a number or a name with a number, as text."""
    return f"{key[1]}/{key[0]}" if isinstance(key, tuple) else str(key)


def _key(place: str) -> int | tuple[str, int]:
    number, slash, name = place.partition("/")
    return (name, int(number)) if slash else int(number)
