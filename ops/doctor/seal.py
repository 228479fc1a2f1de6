"""Whether the functions have the seal key of the operator's file. Hashes are compared and keys never shown. Pure."""

import hmac
from collections.abc import Iterator, Mapping

from functions.retention.core import SealKey, parse_seal_key
from ops.doctor.finding import Finding

VARIABLE = "SEAL_KEY"
"""The functions' environment variable."""

_CHECK = "seal key"


def seal_key(environments: Mapping[str, Mapping[str, str]], key: SealKey | None, export: str) -> Iterator[Finding]:
    """Compare deployed keys with that of the operator's file.

    Args:
        environments: variables of deployed functions, by function (GetFunction shows them).
        key: the file's; None when there is no file.
        export: the command that passes the file's key on to ``s deploy``.
    """
    if key is None:
        what = "no seal key file here: whether the functions have the right key cannot be told"
        yield Finding("notice", _CHECK, what, "copy the file that was deployed with, or: python -m ops setup --apply")
    for name, environment in environments.items():
        value = environment.get(VARIABLE, "")
        if not value:
            yield Finding("wrong", _CHECK, f"{name} has no {VARIABLE}, so it starts no run", f"{export}; s deploy")
            continue
        try:
            deployed = parse_seal_key(value)
        except ValueError as error:
            yield Finding("wrong", _CHECK, f"{VARIABLE} of {name}: {error}", f"{export}; s deploy")
            continue
        if key is not None and not hmac.compare_digest(deployed.fingerprint(), key.fingerprint()):
            what = f"{VARIABLE} of {name} is not the key in the file here"
            yield Finding("wrong", _CHECK, what, f"{export}; s deploy. It ends the runs under way")
