"""``python -m ops dlq list|redrive|drop``: what lies in the dead-letter queue, why, and what becomes of it."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from functions.retention.core import CloudError, ConfigurationError, format_service_time
from ops.commands.common import AccountId, Apply, AsJson, EndpointUrl, Screen, SYaml, run
from ops.dead_letters.history import reason
from ops.dead_letters.queue import LetterQueue, Received
from ops.environment import World
from ops.exit_codes import DONE, PARTIAL, Partial
from ops.session import Session, Target

MOST = 200
"""Letters that are looked at, unless --most says otherwise."""

Ids = Annotated[list[str] | None, typer.Argument(help="Message ids, as `dlq list` shows them.")]
Every = Annotated[bool, typer.Option("--all", help="All letters, up to --most.")]
Most = Annotated[int, typer.Option(min=1, max=10_000, help="Look at so many letters.")]

Act = Callable[[Session, LetterQueue, Received], str]
"""Does something with a letter in hand; tells what."""


def register(app: typer.Typer, world: World) -> None:
    """Add the commands under ``dlq``."""
    dlq = typer.Typer(help="The dead-letter queue.", no_args_is_help=True)
    app.add_typer(dlq, name="dlq")

    @dlq.command("list")
    def list_command(
        most: Most = MOST,
        account_id: AccountId = "",
        s_yaml: SYaml = None,
        endpoint_url: EndpointUrl = None,
        as_json: AsJson = False,  # noqa: FBT002 - a flag
    ) -> None:
        """Show every letter and why it is there; all of them stay."""
        target = Target(account_id, s_yaml, endpoint_url=endpoint_url)
        run(world, target, as_json, lambda session, screen: show(session, screen, most))

    for name, verb, act in (("redrive", "send again", redrive), ("drop", "delete", drop)):
        _register_act(dlq, world, name, verb, act)


def _register_act(dlq: typer.Typer, world: World, name: str, verb: str, act: Act) -> None:
    @dlq.command(name, help=f"{verb.capitalize()} letters; without --apply only show which.")
    def act_command(  # noqa: PLR0917 - one parameter for each option
        ids: Ids = None,
        every: Every = False,  # noqa: FBT002 - a flag
        apply: Apply = False,  # noqa: FBT002 - a flag
        most: Most = MOST,
        account_id: AccountId = "",
        s_yaml: SYaml = None,
        endpoint_url: EndpointUrl = None,
        as_json: AsJson = False,  # noqa: FBT002 - a flag
    ) -> None:
        wanted = None if every else ids or []
        target = Target(account_id, s_yaml, endpoint_url=endpoint_url)
        doing = act if apply else would(verb)
        run(world, target, as_json, lambda session, screen: handle(session, screen, wanted, most, doing))


def show(session: Session, screen: Screen, most: int) -> int:
    """Show letters with what the audit log adds to them.

    Raises:
        CloudError: the queue cannot be read.
    """
    audit, now = session.audit(), session.world.clock.now()
    with session.letters().all(most) as found:
        rows = [_row(each, reason(audit, each.letter, now), each.letter.obstacle(now)) for each in found]
    if screen.as_json:
        screen.json({"letters": rows})
    elif rows:
        columns = ("id", "sent_at", "form", "runs", "why", "redrive")
        screen.table("Dead letters", columns, [[_cell(row[column]) for column in columns] for row in rows])
    else:
        screen.say("No dead letters.")
    return DONE


def handle(session: Session, screen: Screen, wanted: Sequence[str] | None, most: int, act: Act) -> int:
    """Do something with the letters that are wanted; None wants all.

    Raises:
        CloudError: the queue cannot be read.
        ConfigurationError: no letter is wanted.
        Partial: some letters were done with, then one failed.
    """
    if wanted is not None and not wanted:
        raise ConfigurationError("no letter named: give message ids, or --all")
    queue, told = session.letters(), list[dict[str, str]]()
    with queue.all(most) as found:
        for each in found:
            if wanted is None or each.id in wanted:
                told.append({"id": each.id, "done": _do(act, session, queue, each, len(told))})
    missing = sorted(set(wanted or ()) - {line["id"] for line in told})
    told += [{"id": name, "done": "not found"} for name in missing]
    if screen.as_json:
        screen.json({"letters": told})
    elif told:
        screen.table("Dead letters", ("id", "done"), [(line["id"], line["done"]) for line in told])
    else:
        screen.say("No dead letters.")
    return PARTIAL if missing else DONE


def would(verb: str) -> Act:
    """An act that only tells; `verb` is what would be done."""

    def tell(session: Session, queue: LetterQueue, received: Received) -> str:  # noqa: ARG001 - an act's signature
        obstacle = received.letter.obstacle(session.world.clock.now()) if verb == "send again" else ""
        return f"would stay: {obstacle}" if obstacle else f"would {verb}; add --apply"

    return tell


def redrive(session: Session, queue: LetterQueue, received: Received) -> str:
    """Send a letter's messages to the work queue and delete it; what cannot go on stays.

    Raises:
        CloudError: it stays; its messages may be on their way, which harms nothing: twins of a run thin out.
    """
    now = session.world.clock.now()
    obstacle = received.letter.obstacle(now)
    if obstacle:
        return f"stays: {obstacle}"
    live = received.letter.live(now)
    for message in live:
        session.work_queue().send(message.to_body())
    queue.delete(received)
    return f"sent again: {', '.join(message.run for message in live)}"


def drop(session: Session, queue: LetterQueue, received: Received) -> str:  # noqa: ARG001 - an act's signature
    """Delete a letter.

    Raises:
        CloudError: it may still be there.
    """
    queue.delete(received)
    return "deleted"


def _do(act: Act, session: Session, queue: LetterQueue, received: Received, before: int) -> str:
    try:
        return act(session, queue, received)
    except CloudError as error:
        if not before:
            raise
        raise Partial(f"{before} letters done, then {received.id}: {error}") from error


def _row(received: Received, known: str, obstacle: str) -> dict[str, object]:
    letter = received.letter
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
    return "\n".join(value) if isinstance(value, list) else value
