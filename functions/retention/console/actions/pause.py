"""The actions pause and resume: stop all work on file systems by a tag, or remove that tag again.

Neither needs a policy file that can be used as a whole. Neither needs the log, unless `resume` has to end a rest.
"""

from collections.abc import Callable, Sequence

from functions.retention.console.context import ConsoleContext
from functions.retention.console.file_system import resting
from functions.retention.console.refusal import Refusal, failure
from functions.retention.console.requests import PauseRequest, ResumeRequest
from functions.retention.core import CloudError, PolicyError, RecycleBin, format_service_time, parse_service_time
from functions.retention.jobs import IN_FORCE_AFTER, held_by, read_tags
from functions.retention.policy import PAUSE_TAG, is_pause_key, parse_duration, pause_value, paused_by

AFTER_CANCEL = "rest"
"""Names the rest of a file system after a person's cancel."""

MOST_RESOURCES = 50
"""File systems in one TagResources or UntagResources call (documented: ResourceId.N, 1 to 50)."""


def pause(context: ConsoleContext, request: PauseRequest) -> dict[str, object]:
    """Set the pause tag, also where it is set already, and tell which jobs still run.

    Raises:
        Refusal: a file system is not in the guardrails, or the end is past.
    """
    file_systems, until = _chosen(context, request.file_systems), _until(context, request.until)
    value = pause_value(request.requested_by, until)
    errors = _on_all(context, file_systems, lambda some: context.services.nas(some[0]).set_tag(some, PAUSE_TAG, value))
    answers = context.each(file_systems, lambda each: _after_pause(context, each, errors.get(each)))
    running = [each for each, answer in answers.items() if answer.get("still_running") != []]
    note = f"no job begins later than {IN_FORCE_AFTER:.0f} s from now; a job that runs goes on to its end"
    failed = [each for each, answer in answers.items() if answer.get("paused") is not True]
    written = None if until is None else format_service_time(until)
    record = {"requested_by": request.requested_by, "detail": request.reason, "until": written}
    return {
        "file_systems": answers,
        "still_running": running,
        "note": note,
        **_recorded(context, "pause", file_systems, record),
        **_partly("pause", failed),
    }


def resume(context: ConsoleContext, request: ResumeRequest) -> dict[str, object]:
    """Remove the pause tag, and end the hold and the rest if they are named. The next sweep starts new runs.

    Raises:
        Refusal: a file system is not in the guardrails, or something else than the hold tag and the rest is named.
        PolicyError: the hold tag is named, and the policy file cannot be used.
    """
    file_systems, lifted = _chosen(context, request.file_systems), request.also_lift or ()
    hold_tags = [name for name in lifted if name != AFTER_CANCEL]
    _demand_hold_tag(context, hold_tags)
    record = {"requested_by": request.requested_by, "detail": request.reason}
    errors = _on_all(context, file_systems, lambda some: context.services.nas(some[0]).remove_tag(some, PAUSE_TAG))
    if hold_tags:
        errors |= _errors_of(context, file_systems, lambda each: _release(context, each))
    if AFTER_CANCEL in lifted and (error := _noted(context, "rest-lifted", file_systems, record)):
        errors |= dict.fromkeys(file_systems, str(error))
    rest_of = resting(context)
    answers = context.each(file_systems, lambda each: _after_resume(context, each, errors.get(each)) | rest_of(each))
    ended = {"paused": True, "held": bool(hold_tags), "rests": AFTER_CANCEL in lifted}
    failed = [
        each
        for each, answer in answers.items()
        if any(answer.get(what) is not False for what, is_named in ended.items() if is_named)
    ]
    return {
        "file_systems": answers,
        "note": _afterwards(context),
        **_recorded(context, "resume", file_systems, record),
        **_partly("resume", failed),
    }


def _demand_hold_tag(context: ConsoleContext, names: Sequence[str]) -> None:
    if wrong := [name for name in names if name != context.file.guardrails.hold_tag]:
        what = f"{', '.join(wrong):.200} is not the hold tag"
        raise Refusal(what, where="also_lift", allowed=[context.file.guardrails.hold_tag, AFTER_CANCEL])


def _afterwards(context: ConsoleContext) -> str:
    try:
        if context.file.guardrails.pause:
            return "guardrails.pause is true in the deployed file: everything stays stopped"
    except PolicyError:
        return "the deployed policy file cannot be used: nothing starts before it is mended"
    return "the next sweep starts new runs where nothing else holds; or ask for a plan"


def _chosen(context: ConsoleContext, named: Sequence[str] | None) -> Sequence[str]:
    """The file systems asked for, each once; those that the guardrails name unless some are named.

    While the policy file cannot be used, any that are named.
    """
    try:
        if named is None:
            return context.services.file_systems
        return list(dict.fromkeys(context.allowed(each) for each in named))
    except PolicyError as error:
        if named is not None:
            return list(dict.fromkeys(named))
        what = f"the deployed policy file does not say which file systems there are: {error}"
        raise Refusal(what, where="file_systems", allowed="ids of file systems", code="no-policy") from error


def _until(context: ConsoleContext, text: str | None) -> float | None:
    """The end of the pause, epoch seconds, from a moment or a duration."""
    if text is None:
        return None
    moment, allowed = parse_service_time(text), "a moment to come, like 2026-12-02T06:00:00Z, or a duration like 4h"
    try:
        until = context.now() + parse_duration(text) if moment is None else moment
    except ValueError as error:
        raise Refusal(f"{text!r:.80} is neither", where="until", allowed=allowed) from error
    if until <= context.now():
        raise Refusal(f"{text} is past", where="until", allowed=allowed)
    return until


def _on_all(
    context: ConsoleContext, file_systems: Sequence[str], act: Callable[[Sequence[str]], None]
) -> dict[str, str]:
    """Act on all at once, so that no file system waits for another; one by one where that is refused.

    Returns:
        What went wrong, by file system.
    """
    errors: dict[str, str] = {}
    for start in range(0, len(file_systems), MOST_RESOURCES):
        some = file_systems[start : start + MOST_RESOURCES]
        try:
            act(some)
        except CloudError:
            errors |= _errors_of(context, some, lambda each: act([each]))
    return errors


def _errors_of(context: ConsoleContext, file_systems: Sequence[str], act: Callable[[str], None]) -> dict[str, str]:
    """Act on each file system at the same time; what went wrong, by file system."""

    def tried(file_system: str) -> dict[str, object]:
        act(file_system)
        return {}

    answers = context.each(file_systems, tried)
    return {each: str(answer["error"]) for each, answer in answers.items() if "error" in answer}


def _after_pause(context: ConsoleContext, file_system: str, error: str | None) -> dict[str, object]:
    """Whether the file system carries the tag, and the job that still runs there; a list that is empty is sure."""
    recycle_bin = context.services.recycle_bin(file_system)
    return _standing(context, recycle_bin, error) | {"still_running": _running(recycle_bin)}


def _running(recycle_bin: RecycleBin) -> list[str] | str:
    try:
        job = recycle_bin.jobs().active
    except CloudError as error:
        return f"unknown: {error}"
    return [] if job is None else [f"job {job.id} ({job.status}, entry {job.file_id})"]


def _after_resume(context: ConsoleContext, file_system: str, error: str | None) -> dict[str, object]:
    return _standing(context, context.services.recycle_bin(file_system), error)


def _standing(context: ConsoleContext, recycle_bin: RecycleBin, error: str | None) -> dict[str, object]:
    """How the tags stand now: paused by us, held by another tag. What cannot be read is unknown."""
    tags = read_tags(recycle_bin)
    told: dict[str, object] = {} if error is None else {"error": error}
    if tags is None:
        return {"paused": "unknown", "held": "its tags cannot be read, which stops runs"} | told
    answer: dict[str, object] = {"paused": paused_by(tags, context.now()) is not None}
    try:
        others = {key: value for key, value in tags.items() if not is_pause_key(key)}
        hold = held_by(context.file.guardrails, others, context.now())
        answer["held"] = hold.detail if hold else False
    except PolicyError:
        answer["held"] = "unknown: the deployed policy file cannot be used"
    return answer | told


def _release(context: ConsoleContext, file_system: str) -> None:
    """Remove the hold tag. A tag of the same key with another value holds nothing and stays."""
    guardrails = context.file.guardrails
    if guardrails.holds(context.services.recycle_bin(file_system).tags()):
        context.services.nas(file_system).remove_tag([file_system], guardrails.hold_tag.partition("=")[0])


def _partly(action: str, failed: Sequence[str]) -> dict[str, object]:
    if not failed:
        return {}
    allowed = "ask again; if it stays so, set or remove the tag by hand"
    refusal = Refusal(f"{action} did not work everywhere", where=", ".join(failed), allowed=allowed, code="partly")
    return failure(refusal)


def _recorded(
    context: ConsoleContext, action: str, file_systems: Sequence[str], fields: dict[str, str | None]
) -> dict[str, object]:
    """Record the action. An error of the log is only reported, since a pause must not depend on the log."""
    error = _noted(context, "asked", file_systems, {"reason": action, **fields})
    return {"not_recorded_because": str(error)} if error else {}


def _noted(
    context: ConsoleContext, event: str, file_systems: Sequence[str], fields: dict[str, str | None]
) -> CloudError | None:
    """Put a record for each file system; the log's error if it did not take them."""
    journal = context.journal()
    for file_system in file_systems:
        journal.note(event, file_system=file_system, **fields)
    return journal.flush()
