"""What a deployment sets: the function's environment and identity as one frozen value.

Nothing here imports an SDK. No variable of ours starts with ``FC_``: the Python 3.10 runtime removes unknown ones
of that prefix (observed: its bootstrap code); the few that are read here are the platform's own.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from functions.retention.core import ConfigurationError, SealKey, parse_seal_key

ROOT = Path(__file__).parents[3]
"""The code package's root; a relative POLICIES_FILE counts from here."""

MAX_CONCURRENT_INVOCATIONS = 300
"""Instances an account may have in a region (documented: Function Compute limits page, 2026-02)."""

SWEEP_PACE = 6
"""Runs a sweep begins a minute where nothing else is set: one batch of the work queue's trigger (s.yaml)."""

MAX_SWEEP_PACE = 1_800
"""Six file systems for each of those instances."""

OVERLAP = 6
"""Characters in a row that a text may not share with a credential."""

_PARTS = ("access_key_id", "access_key_secret", "security_token")

CREDENTIAL_VARIABLES = tuple(f"ALIBABA_CLOUD_{part.upper()}" for part in _PARTS)
"""The platform's variables for the AccessKey id, its secret and the token."""


@dataclass(frozen=True)
class Credentials:
    """The identity every service is called with.

    Attributes:
        access_key_id: the AccessKey id.
        access_key_secret: what requests are signed with.
        security_token: of temporary (STS) credentials; empty for permanent ones.

    None of the three shows in its repr.
    """

    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)

    def overlaps(self, text: str) -> bool:
        """Whether a text shares `OVERLAP` characters in a row with a part of these, plain, in base64 or in hexadecimal.

        For short texts that have a form of their own, such as error codes. It does not make free text fit to print.
        """
        windows = {text[at : at + OVERLAP] for at in range(len(text) - OVERLAP + 1)}
        return any(window in spelling for spelling in self._spellings() for window in windows)

    def _spellings(self) -> Iterator[str]:
        for secret in (self.access_key_id, self.access_key_secret, self.security_token):
            octets = secret.encode("utf-8", "backslashreplace")
            yield secret
            yield octets.hex()
            yield octets.hex().upper()
            for before in range(3):  # base64 spells three bytes alike wherever they begin in a text
                yield base64.b64encode(bytes(before) + octets).decode()[2 * before :]


def checked_credentials(credentials: Credentials, names: Sequence[str]) -> list[str]:
    """What is wrong with credentials, one line per part, without its value.

    An SDK quotes the whole of a header that it cannot send, so such a part must not get that far (observed: http.client
    and requests refuse a token that ends in a carriage return, and print it).

    Args:
        credentials: as read.
        names: where the id, the secret and the token were read from.
    """
    parts = (credentials.access_key_id, credentials.access_key_secret, credentials.security_token)
    return [
        f"{name}: holds a blank, a control character or a character outside ASCII; "
        "set it again without a line end or blanks"
        for name, part in zip(names, parts, strict=True)
        if not re.fullmatch("[!-~]*", part)
    ]


@dataclass(frozen=True)
class Settings:
    """One deployment's settings.

    Attributes:
        region: region id, e.g. ``cn-hangzhou``.
        account_id: the account's number, as text.
        credentials: see `Credentials`.
        work_queue: name of the queue that carries runs.
        dead_letter_queue: name of the queue for messages that parse to nothing.
        sls_project: project of the audit log.
        sls_logstore: logstore of the audit log.
        sls_endpoint: URL without a project, e.g. ``https://cn-hangzhou.log.aliyuncs.com``.
        smq_endpoint: URL of the account's queues.
        nas_endpoint: URL that replaces the public one of the region; None for that one.
        policies_file: absolute path of the policy file.
        concurrent_invocations: how many invocations may call NAS at once; they divide the request rate.
        sweep_pace: how many runs a sweep begins a minute.
        seal_key: seals the functions' own messages; None when the deployment has none. Its repr does not show it.
    """

    region: str
    account_id: str
    credentials: Credentials
    work_queue: str
    dead_letter_queue: str
    sls_project: str
    sls_logstore: str
    sls_endpoint: str
    smq_endpoint: str
    nas_endpoint: str | None
    policies_file: Path
    concurrent_invocations: int
    sweep_pace: int = SWEEP_PACE
    seal_key: SealKey | None = None


def read_settings(environ: Mapping[str, str], context: object) -> Settings:
    """Read and check everything at once.

    Args:
        environ: the function's environment variables.
        context: the invocation's context. ``region``, ``account_id`` and ``credentials`` are taken from it where the
            runtime offers them, else from the platform's variables (documented: the 3.12 runtime has no
            ``context.credentials``; the variables exist in all).

    Raises:
        ConfigurationError: one line per problem, each naming the variable and what it takes.
    """
    reader = _Reader(environ)
    settings = _read(reader, context)
    if settings.work_queue and settings.work_queue == settings.dead_letter_queue:
        reader.problems.append("DEAD_LETTER_QUEUE: is the WORK_QUEUE itself; takes the name of another queue")
    if environ.get("DEBUG", "").lower() == "sdk":
        reader.problems.append("DEBUG: 'sdk' makes the NAS SDK print signed requests and tokens; leave it unset")
    if reader.problems:
        raise ConfigurationError("\n".join(reader.problems))
    return settings


def _read(reader: "_Reader", context: object) -> Settings:
    region = reader.given(context, "region", "FC_REGION", "[a-z0-9-]+", "a region id such as cn-hangzhou")
    account_id = reader.given(context, "account_id", "FC_ACCOUNT_ID", "[0-9]+", "the account's number")
    return Settings(
        region=region,
        account_id=account_id,
        credentials=reader.credentials(context),
        work_queue=reader.queue("WORK_QUEUE"),
        dead_letter_queue=reader.queue("DEAD_LETTER_QUEUE"),
        sls_project=reader.text("SLS_PROJECT", "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", "a project name in lower case"),
        sls_logstore=reader.text("SLS_LOGSTORE", "[a-z0-9][a-z0-9_-]{0,61}[a-z0-9]", "a logstore name in lower case"),
        sls_endpoint=reader.endpoint("SLS_ENDPOINT") or f"https://{region}.log.aliyuncs.com",
        smq_endpoint=reader.endpoint("SMQ_ENDPOINT") or f"https://{account_id}.mns.{region}.aliyuncs.com",
        nas_endpoint=reader.endpoint("NAS_ENDPOINT"),
        policies_file=ROOT / reader.value("POLICIES_FILE", "functions/policies.yaml"),
        concurrent_invocations=reader.count("CONCURRENT_INVOCATIONS", 1, MAX_CONCURRENT_INVOCATIONS),
        sweep_pace=reader.count("SWEEP_PACE", SWEEP_PACE, MAX_SWEEP_PACE),
        seal_key=reader.seal_key("SEAL_KEY"),
    )


class _Reader:
    """Reads one variable at a time and collects what is wrong; a bad value reads as something harmless."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def value(self, name: str, default: str = "") -> str:
        return self._environ.get(name, "").strip() or default

    def text(self, name: str, pattern: str, takes: str) -> str:
        return self._checked(name, self.value(name), pattern, takes)

    def queue(self, name: str) -> str:
        # Documented: SMQ limits page.
        return self.text(name, "[A-Za-z0-9][A-Za-z0-9-]{0,119}", "a queue name: up to 120 letters, digits and hyphens")

    def given(self, context: object, attribute: str, name: str, pattern: str, takes: str) -> str:
        """A value of the context, else of the platform's variable."""
        return self._checked(name, _text(context, attribute) or self.value(name), pattern, takes)

    def credentials(self, context: object) -> Credentials:
        """A whole set from one source; parts of two are never mixed."""
        offered = getattr(context, "credentials", None)
        parts, names = [_text(offered, name) for name in _PARTS], [f"context.credentials.{name}" for name in _PARTS]
        if not (parts[0] and parts[1]):
            names = list(CREDENTIAL_VARIABLES)
            parts = [self._environ.get(name, "") for name in names]
        if not (parts[0] and parts[1]):
            self.problems.append(
                "ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET: not both set and the context offers no "
                "credentials; give the function a role or set both"
            )
        found = Credentials(*parts)
        self.problems += checked_credentials(found, names)
        return found

    def seal_key(self, name: str) -> SealKey | None:
        """The key that a variable holds, or None when it is not set or empty."""
        value = self._environ.get(name, "")
        try:
            return parse_seal_key(value) if value else None
        except ValueError as error:
            self.problems.append(f"{name}: {error}; `ops setup` makes one")
            return None

    def endpoint(self, name: str) -> str | None:
        """A URL of scheme, host and perhaps port, or None when the variable is not set."""
        value = self.value(name)
        if not value:
            return None
        if not _is_endpoint(value):
            self.problems.append(f"{name}: is no endpoint; takes http:// or https://, a host and perhaps :port")
            return None
        return value.rstrip("/")

    def count(self, name: str, default: int, most: int) -> int:
        value = self.value(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", value) or not 1 <= int(value) <= most:
            self.problems.append(f"{name}: {value!r} is not a whole number from 1 to {most}")
            return 1
        return int(value)

    def _checked(self, name: str, value: str, pattern: str, takes: str) -> str:
        if not value:
            self.problems.append(f"{name}: not set; takes {takes}")
        elif not re.fullmatch(pattern, value):
            self.problems.append(f"{name}: {value!r} does not do; takes {takes}")
        return value


def _text(holder: object, attribute: str) -> str:
    value = getattr(holder, attribute, None)
    return value if isinstance(value, str) else ""


def _is_endpoint(value: str) -> bool:
    try:
        parts = urlsplit(value)
        known_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    rest = parts.path.strip("/") + parts.query + parts.fragment
    plain = bool(parts.hostname) and "@" not in parts.netloc and not rest
    return parts.scheme in ("http", "https") and plain and known_port
