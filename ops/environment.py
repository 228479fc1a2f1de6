"""What a command gets from outside: variables, clock, randomness, identity, output."""

import logging
import os
import random
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from functions.retention.cloud import SYSTEM_CLOCK, Credentials
from functions.retention.core import Clock, ConfigurationError
from ops.credentials_file import file_problems


def default_credentials() -> Credentials:
    """The identity that the vendor's default chain finds: environment, profile file, role of the machine.

    No value of it is ever printed. An error names the profile and the field that are wrong.

    Raises:
        ConfigurationError: the chain finds none.
    """
    from alibabacloud_credentials.client import Client  # noqa: PLC0415 - slow, and `--help` needs none
    from alibabacloud_credentials.exceptions import CredentialException  # noqa: PLC0415 - as above

    try:
        with unlogged():
            found = Client().get_credential()
    except (CredentialException, ValueError, OSError):
        found_wrong = list(file_problems(Path.home(), os.environ))
        what = "; ".join(found_wrong) or "the vendor's default chain found none"
        raise ConfigurationError(
            f"no credentials: {what}. Mend that, or set ALIBABA_CLOUD_ACCESS_KEY_ID and "
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET; see README, Deploy, step 2"
        ) from None
    return Credentials(found.access_key_id, found.access_key_secret, found.security_token or "")


@contextmanager
def unlogged() -> Iterator[None]:
    """Keeps an SDK from logging what becomes one message here: traces at every try, or requests (observed)."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@dataclass(frozen=True)
class Environment:
    """What a command gets from outside.

    Attributes:
        environ: environment variables.
        folder: where s.yaml is, unless a command names another.
        clock: time.
        rng: spreads retries.
        random_bytes: makes keys.
        credentials: finds who calls; asked only when something is called.
        out: answers.
        err: what went wrong.
    """

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    folder: Path = field(default_factory=Path.cwd)
    clock: Clock = SYSTEM_CLOCK
    rng: random.Random = field(default_factory=random.Random)
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    credentials: Callable[[], Credentials] = default_credentials
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
