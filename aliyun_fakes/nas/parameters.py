"""The parameters of NAS: ranges, client tokens and illegal characters."""

import re

from aliyun_fakes.core.parameters import Number, RpcParameters
from aliyun_fakes.nas.errors import NasError

LONGEST_CLIENT_TOKEN = 64
_ILLEGAL = re.compile(r"[\x00-\x1f\x7f<>\"'`\\]")

RESERVED_DAYS = Number("ReservedDays", 1, 180, 3)
MAX_RESULTS = Number("MaxResults", 10, 1000, 100)
PAGE_NUMBER = Number("PageNumber", 1, 2**31 - 1, 1)
PAGE_SIZE = Number("PageSize", 1, 100, 10)


class Parameters(RpcParameters):
    """What a call to NAS gives."""

    errors = NasError

    def refuse_illegal(self) -> None:
        """Refuse a call if any parameter has an illegal character.

        No page says which characters are illegal; assumed: controls, quotes, angle brackets and backslashes.

        Raises:
            NasError: 400 IllegalCharacters.
        """
        if any(_ILLEGAL.search(value) for value in self._given.values()):
            raise NasError("IllegalCharacters")

    def client_token(self) -> str:
        """The ClientToken, "" when not given (documented: ASCII, at most 64 characters; the refusals are assumed).

        Raises:
            NasError: 400 IllegalCharacters or InvalidClientToken.
        """
        token = self.text("ClientToken")
        if not token.isascii():
            raise NasError("IllegalCharacters")
        if len(token) > LONGEST_CLIENT_TOKEN:
            raise NasError("InvalidClientToken")
        return token
