"""``python -m ops dlq list|redrive|drop``: what lies in the dead-letter queue, why, and what becomes of it."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from functions.retention.core import CloudError, ConfigurationError, format_service_time
from ops.commands.common import Apply, add_command
from ops.dead_letters.audit_reason import reason
from ops.dead_letters.queue import DeadLetterQueue, Received
from ops.environment import Environment
from ops.exit_codes import DONE, PARTIAL, Partial
from ops.screen import Screen
from ops.session import Session

MOST = 200
"""Dead letters that are looked at, unless --most says otherwise."""

Ids = Annotated[list[str] | None, typer.Argument(help="Message ids, as `dlq list` shows them.")]
Every = Annotated[bool, typer.Option("--all", help="All dead letters, up to --most.")]
Most = Annotated[int, typer.Option(min=1, max=10_000, help="Number of dead letters to look at.")]

Act = Callable[[Session, DeadLetterQueue, Received], str]
"""Handle one dead letter and return what was done."""


def register(app: typer.Typer, environment: Environment) -> None:
    """Add the commands under ``dlq``."""
    dlq = typer.Typer(help="The dead-letter queue.", no_args_is_help=True)
    app.add_typer(dlq, name="dlq")
    add_command(dlq, environment, "list", show, without=("policies",))
    for name, verb, act in (("redrive", "re-send", redrive), ("drop", "delete", drop)):
        add_command(dlq, environment, name, _acting(verb, act), without=("policies",))


def _acting(verb: str, act: Act) -> Callable[..., int]:
    """Return a command that does something with dead letters; `verb` names it."""

    def command(  # noqa: PLR0917 - one parameter for each option
        session: Session,
        screen: Screen,
        ids: Ids = None,
        every: Every = False,  # noqa: FBT002 - a flag
        apply: Apply = False,  # noqa: FBT002 - a flag
        most: Most = MOST,
    ) -> int:
        return handle(session, screen, None if every else ids or [], most, act if apply else would(verb))

    command.__doc__ = f"{verb.capitalize()} dead letters. Without --apply, only list them."
    return command


def show(session: Session, screen: Screen, most: Most = MOST) -> int:
    """Show every dead letter and why it is there; all of them stay.

    Raises:
        CloudError: the queue cannot be read.
    """
    audit, now = session.audit(), session.environment.clock.now()
    with session.dead_letters().all(most) as found:
        rows = [_row(each, reason(audit, each.dead_letter, now), each.dead_letter.obstacle(now)) for each in found]
    if screen.as_json:
        screen.json({"dead_letters": rows})
    elif rows:
        columns = ("id", "sent_at", "form", "runs", "why", "redrive")
        screen.table("Dead letters", columns, [[_cell(row[column]) for column in columns] for row in rows])
    else:
        screen.say("No dead letters.")
    return DONE


def handle(session: Session, screen: Screen, wanted: Sequence[str] | None, most: int, act: Act) -> int:
    """Handle the dead letters that are wanted; None means all.

    Raises:
        CloudError: the queue cannot be read.
        ConfigurationError: no dead letter is named.
        Partial: some dead letters were handled, then one failed.
    """
    if wanted is not None and not wanted:
        raise ConfigurationError("no dead letter named: give message ids, or --all")
    queue, told = session.dead_letters(), list[dict[str, str]]()
    with queue.all(most) as found:
        for each in found:
            if wanted is None or each.id in wanted:
                told.append({"id": each.id, "done": _do(act, session, queue, each, len(told))})
    missing = sorted(set(wanted or ()) - {line["id"] for line in told})
    told += [{"id": name, "done": "not found"} for name in missing]
    if screen.as_json:
        screen.json({"dead_letters": told})
    elif told:
        screen.table("Dead letters", ("id", "done"), [(line["id"], line["done"]) for line in told])
    else:
        screen.say("No dead letters.")
    return PARTIAL if missing else DONE


def would(verb: str) -> Act:
    """Return an act that only says what it would do; `verb` names it."""

    def tell(session: Session, queue: DeadLetterQueue, received: Received) -> str:  # noqa: ARG001 - an act's signature
        obstacle = received.dead_letter.obstacle(session.environment.clock.now()) if verb == "re-send" else ""
        return f"would stay: {obstacle}" if obstacle else f"would {verb}; add --apply"

    return tell


def redrive(session: Session, queue: DeadLetterQueue, received: Received) -> str:
    """Send a dead letter's messages verbatim to the work queue and delete it; one that cannot go on stays.

    Raises:
        CloudError: it stays. Its messages may have been sent; duplicates of a run stop, so that is harmless.
    """
    now = session.environment.clock.now()
    obstacle = received.dead_letter.obstacle(now)
    if obstacle:
        return f"stays: {obstacle}"
    live = received.dead_letter.live(now)
    for _, body in live:
        session.work_queue().send(body)
    queue.delete(received)
    return f"re-sent: {', '.join(name for name, _ in live)}"


def drop(session: Session, queue: DeadLetterQueue, received: Received) -> str:  # noqa: ARG001 - an act's signature
    """Delete a dead letter.

    Raises:
        CloudError: it may still be there.
    """
    queue.delete(received)
    return "deleted"


def _do(act: Act, session: Session, queue: DeadLetterQueue, received: Received, before: int) -> str:
    try:
        return act(session, queue, received)
    except CloudError as error:
        if not before:
            raise
        raise Partial(f"{before} dead letters done, then {received.id}: {error}") from error


def _row(received: Received, known: str, obstacle: str) -> dict[str, object]:
    letter = received.dead_letter
    return {
        "id": received.id,
        "sent_at": format_service_time(received.sent_at),
        "form": letter.form,
        "runs": [f"{message.run} {message.file_system} {message.mode}" for message in letter.messages],
        "why": letter.why if known in letter.why else f"{letter.why}; {known}",
        "redrive": obstacle or "may help",
        "body": letter.body,
    }


def _cell(value: object) -> object:
    return "; ".join(value) if isinstance(value, list) else value
