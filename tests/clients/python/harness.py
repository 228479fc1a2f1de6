"""Cases of a client: each passes, or says why not.

Runs in the clients' own environment and uses the standard library only.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """The fake cloud that a client talks to.

    Attributes:
        endpoint: ``http://127.0.0.1:PORT``; also an HTTP proxy for clients that put a name into the host.
        address: the same without the scheme.
        key_id, secret: of an identity that may do everything.
        region: of the cloud.
        account: its number.
        file_system: a NAS file system with entries in its recycle bin.
    """

    endpoint: str
    address: str
    key_id: str
    secret: str
    region: str
    account: str
    file_system: str


def where() -> Where:
    """The fake cloud, from the variables that the suite sets."""
    endpoint = os.environ["FAKE_ENDPOINT"]
    return Where(
        endpoint,
        endpoint.removeprefix("http://"),
        os.environ["FAKE_KEY_ID"],
        os.environ["FAKE_SECRET"],
        os.environ["FAKE_REGION"],
        os.environ["FAKE_ACCOUNT"],
        os.environ["FAKE_FILE_SYSTEM"],
    )


CASES: list[tuple[str, Callable[[], object]]] = []


def case(test: Callable[[], object]) -> Callable[[], object]:
    """Make a function a case. Its name says what a user does; it raises when that does not work."""
    CASES.append((test.__name__.replace("_", " ").strip(), test))
    return test


def refused(call: Callable[[], object], *named: str) -> None:
    """Make sure that a call is refused, by an error that names certain texts.

    Raises:
        AssertionError: it was carried out, or the error names something else.
    """
    try:
        answer = call()
    except Exception as error:  # noqa: BLE001 - each client has its own errors
        text = f"{type(error).__name__} {error} {vars(error)}"
        missing = [name for name in named if name not in text]
        assert not missing, f"the error does not name {missing}: {text}"
        return
    raise AssertionError(f"not refused: {answer!r:.300}")


def same(found: object, wanted: object) -> None:
    """Compare two values.

    Raises:
        AssertionError: they differ.
    """
    assert found == wanted, f"{found!r:.300} is not {wanted!r:.300}"


def eventually(call: Callable[[], object], holds: Callable[[object], bool]) -> None:
    """Ask until an answer is as it should be: the log service finds what was written only after a while.

    Raises:
        AssertionError: it is not after 30 s.
    """
    for _ in range(60):
        answer = call()
        if holds(answer):
            return
        time.sleep(0.5)
    raise AssertionError(f"still {answer!r:.300}")


def run() -> None:
    """Run all cases and print one JSON line for each."""
    only = sys.argv[1:]
    for name, test in CASES:
        if only and not any(word in name for word in only):
            continue
        try:
            test()
            detail = ""
        except Exception as error:  # noqa: BLE001 - whatever a client raises is the result
            detail = f"{type(error).__name__}: {error}"[:2000] or "failed"
            if only:
                traceback.print_exc()
        sys.stdout.write(json.dumps({"case": name, "failure": detail}) + "\n")
        sys.stdout.flush()
