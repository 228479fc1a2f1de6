"""The deployment's seal key in a file of the operator's own. Its value is never printed; only hashes are compared."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from functions.retention.core import ConfigurationError, SealKey, parse_seal_key

KEY_VARIABLE = "NAS_RETENTION_SEAL_KEY"
"""s.yaml passes its value on to the functions as ``SEAL_KEY``."""

FILE_VARIABLE = "NAS_RETENTION_SEAL_KEY_FILE"

KEY_BYTES = 32

_MODE = 0o600
_OTHERS = 0o077
_LONGEST_FILE = 4_096


def key_file(environ: Mapping[str, str], given: Path | None, deployment: str) -> Path:
    """Return where the key of a deployment is kept.

    Args:
        environ: environment variables.
        given: the option; it goes before `FILE_VARIABLE`, which goes before the user's configuration folder.
        deployment: what tells this deployment from the user's others.

    Raises:
        ConfigurationError: nothing says where.
    """
    named = given or environ.get(FILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    home = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else "")
    if not home:
        raise ConfigurationError(f"no place for the seal key: set HOME or {FILE_VARIABLE}, or give --seal-key-file")
    return Path(home) / "nas-retention" / f"{deployment}.key"


def read_key_file(path: Path) -> SealKey | None:
    """Return the key in a file, or None when there is no file.

    Raises:
        ConfigurationError: others may read the file, it is not the user's own, or it holds no key. The text does not
            quote the file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"seal key file {path}: cannot be read ({error.strerror})") from error
    try:
        _refuse_exposed(path, os.fstat(descriptor))
        content = os.read(descriptor, _LONGEST_FILE)
    finally:
        os.close(descriptor)
    try:
        return parse_seal_key(content.decode("ascii").removesuffix("\n"))
    except UnicodeDecodeError:
        raise ConfigurationError(f"seal key file {path}: key is neither hexadecimal nor base64") from None
    except ValueError as error:
        raise ConfigurationError(f"seal key file {path}: {error}") from error


def make_key_file(path: Path, random_bytes: Callable[[int], bytes]) -> SealKey:
    """Write a new key into a file that does not exist yet, readable by its owner only, and return the key.

    Args:
        path: the file; folders on the way are made for the owner only.
        random_bytes: a source fit for keys.

    Raises:
        ConfigurationError: it cannot be written, or it exists.
    """
    secret = random_bytes(KEY_BYTES)
    key = SealKey(secret)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret.hex() + "\n")
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise ConfigurationError(f"seal key file {path}: cannot be written ({error.strerror})") from error
    return key


def _refuse_exposed(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError(f"seal key file {path}: is no regular file")
    if status.st_uid != os.geteuid():
        raise ConfigurationError(f"seal key file {path}: belongs to another user")
    if status.st_mode & _OTHERS:
        raise ConfigurationError(f"seal key file {path}: others may read or write it; run: chmod 600 {path}")
