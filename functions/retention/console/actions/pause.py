"""The actions pause and resume: the hold tag on every allowed file system, and off again."""

from collections.abc import Callable

from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import Refusal, failure
from functions.retention.console.requests import PauseRequest, ResumeRequest
from functions.retention.core import CloudError
from functions.retention.jobs import LOOK_EVERY, read_tags


def pause(context: ConsoleContext, _: PauseRequest) -> dict[str, object]:
    """Set the tag everywhere, also where it is already."""
    note = f"runs at work stop within {LOOK_EVERY:.0f} s; a job that is running runs to its end"
    return _everywhere(context, "pause", _hold, held=True) | {"note": note}


def resume(context: ConsoleContext, _: ResumeRequest) -> dict[str, object]:
    """Remove the tag wherever it holds; work goes on with the next sweep."""
    paused = "guardrails.pause is true in the deployed file: everything stays stopped"
    note = paused if context.file.guardrails.pause else "the next sweep starts new runs; or ask for a plan"
    return _everywhere(context, "resume", _release, held=False) | {"note": note}


def _everywhere(
    context: ConsoleContext, action: str, act: Callable[[ConsoleContext, str], None], *, held: bool
) -> dict[str, object]:
    """Act on each file system, look at its tags afterwards; not ok unless all are as they should be."""
    answers = context.each(context.file.guardrails.file_systems, lambda file_system: _act(context, file_system, act))
    failed = [file_system for file_system, answer in answers.items() if answer["held"] is not held]
    result: dict[str, object] = {"file_systems": answers} | _write_down(context, action)
    if failed:
        allowed = "ask again; if it stays so, set or remove the tag by hand"
        refusal = Refusal(f"{action} did not work everywhere", where=", ".join(failed), allowed=allowed, code="partly")
        result |= failure(refusal)
    return result


def _act(context: ConsoleContext, file_system: str, act: Callable[[ConsoleContext, str], None]) -> dict[str, object]:
    answer: dict[str, object] = {}
    try:
        act(context, file_system)
    except CloudError as error:
        answer["error"] = str(error)
    tags = read_tags(context.services.recycle_bin(file_system))
    if tags is None:
        answer.setdefault("error", "its tags cannot be read, which counts as held")
    return {"held": context.file.guardrails.holds(tags), **answer}


def _hold(context: ConsoleContext, file_system: str) -> None:
    key, _, value = context.file.guardrails.hold_tag.partition("=")
    context.services.nas(file_system).set_tag(file_system, key, value)


def _release(context: ConsoleContext, file_system: str) -> None:
    """A tag of the same key that does not hold is somebody's own and stays."""
    guardrails = context.file.guardrails
    if guardrails.holds(context.services.recycle_bin(file_system).tags()):
        context.services.nas(file_system).remove_tag(file_system, guardrails.hold_tag.partition("=")[0])


def _write_down(context: ConsoleContext, action: str) -> dict[str, object]:
    """Stopping must not depend on the log."""
    journal = context.journal()
    journal.note("asked", reason=action)
    error = journal.flush()
    return {"not_recorded_because": str(error)} if error else {}
