"""What can be asked: one frozen model for each ``action``, and what is wrong with a request that is none of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from functions.retention.console.refusal import Refusal
from functions.retention.core import did_you_mean, key_path, read_model
from functions.retention.policy import Model, one_or_many, spelled

_LONGEST_PATH = 4_096


def _clean_path(path: str) -> str:
    """An absolute path without a slash at its end."""
    shorter = path.rstrip("/")
    components = shorter.split("/")[1:]
    if not shorter.startswith("/") or any(name in ("", ".", "..") for name in components):
        raise ValueError(f"{path!r:.80} is no path of an entry: write it from the file system's root, like /logs/a.log")
    if len(path) > _LONGEST_PATH or not _is_text(path):
        raise ValueError(f"{path!r:.80} cannot be a path: at most {_LONGEST_PATH} characters of valid text")
    return shorter


def _is_text(text: str) -> bool:
    """Whether it can be sent: half of a surrogate pair cannot, and no name holds a zero byte."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


_HEXADECIMAL = "32 characters, each 0 to 9 or a to f"
FileSystemId = Annotated[str, AfterValidator(spelled("[A-Za-z0-9-]{1,64}", "1ca404a5e2, the id of a file system"))]
FileId = Annotated[str, AfterValidator(spelled("[!-~]{1,64}", "the id of an entry: at most 64 characters, no blanks"))]
RunId = Annotated[str, AfterValidator(spelled("[0-9a-f]{32}", f"the id of a run: {_HEXADECIMAL}"))]
PlanId = Annotated[str, AfterValidator(spelled("[0-9a-f]{32}", f"the id of a plan: {_HEXADECIMAL}"))]
SomeFileSystems = Annotated[tuple[FileSystemId, ...], Field(min_length=1)]
EntryPath = Annotated[str, AfterValidator(_clean_path)]
Narrow = Mapping[str, Any]


class PlanRequest(Model):
    """Tell what would go, and name it."""

    action: Literal["plan"]
    file_system: FileSystemId
    narrow: Narrow = Field(default_factory=dict)
    """See `functions.retention.policy.narrowing`."""
    candidate: bool = False
    """The policy file is only tried: what is written down counts for nothing but this plan."""


class PurgeRequest(Model):
    """Start a run that deletes: exactly a plan, or, with the file system's id a second time, what the policies say."""

    action: Literal["purge"]
    file_system: FileSystemId
    plan_id: PlanId | None = None
    confirm: str | None = None
    """The file system's id again."""
    narrow: Narrow = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_meant(self) -> "PurgeRequest":
        if self.plan_id is None and self.confirm != self.file_system:
            raise ValueError("give a plan_id (the action plan answers one), or the file system's id again as confirm")
        if self.plan_id is not None and self.narrow:
            raise ValueError("a plan brings its own narrowing: leave narrow out, or make a plan with it")
        return self


class StatusRequest(Model):
    """Tell how things stand: everywhere, on one file system, or with one run."""

    action: Literal["status"]
    file_system: FileSystemId | None = None
    run: RunId | None = None


class ExplainRequest(Model):
    """Tell why an entry goes or stays, or how it went."""

    action: Literal["explain"]
    file_system: FileSystemId
    path: EntryPath | None = None
    """Before it was deleted, from the file system's root."""
    file_id: FileId | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "ExplainRequest":
        if (self.path is None) == (self.file_id is None):
            raise ValueError("name the entry by path or by file_id, one of them")
        return self


class CancelRequest(Model):
    """Stop a run, or every run on a file system."""

    action: Literal["cancel"]
    file_system: FileSystemId | None = None
    run: RunId | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "CancelRequest":
        if (self.file_system is None) == (self.run is None):
            raise ValueError("name what to cancel by file_system or by run, one of them")
        return self


class LintRequest(Model):
    """Tell what in the deployed policy file can never act."""

    action: Literal["lint"]


class PauseRequest(Model):
    """Stop all work on file systems by a tag."""

    action: Literal["pause"]
    file_systems: SomeFileSystems | None = None
    """Only these; all that the guardrails name when left out."""
    requested_by: str | None = None
    reason: str | None = None
    until: str | None = None
    """When it ends by itself, a moment like ``2026-12-02T06:00:00Z`` or a duration like ``4h``; else with resume."""


class ResumeRequest(Model):
    """End what the action pause began."""

    action: Literal["resume"]
    file_systems: SomeFileSystems | None = None
    """See `PauseRequest`."""
    requested_by: str | None = None
    reason: str | None = None
    also_lift: Annotated[tuple[str, ...], BeforeValidator(one_or_many), Field(min_length=1)] | None = None
    """What to end besides the pause, by name: the hold tag, ``key=value``, and ``rest``; else both stay."""


Request = (
    PlanRequest
    | PurgeRequest
    | StatusRequest
    | ExplainRequest
    | CancelRequest
    | LintRequest
    | PauseRequest
    | ResumeRequest
)

MODELS: Mapping[str, type[Request]] = {
    "plan": PlanRequest,
    "purge": PurgeRequest,
    "status": StatusRequest,
    "explain": ExplainRequest,
    "cancel": CancelRequest,
    "lint": LintRequest,
    "pause": PauseRequest,
    "resume": ResumeRequest,
}
"""The actions and what each takes."""


def parse_request(wire: Mapping[str, Any]) -> Request:
    """The request in a JSON object.

    Raises:
        Refusal: it is none; names every key that is wrong, and what it takes.
    """
    action = wire.get("action")
    model = MODELS.get(action) if isinstance(action, str) else None
    if model is None:
        raise Refusal(_no_action(action), where="action", allowed=list(MODELS))
    request, problems = read_model(model, wire)
    if request is None:
        lines = [": ".join(filter(None, (key_path(where), what))) for where, what in problems]
        where = key_path(problems[0].where) or "the request"
        raise Refusal("; ".join(lines), where=where, allowed=list(model.model_fields))
    return request


def _no_action(action: object) -> str:
    if action is None:
        return "there is no action"
    return f"{action!r:.80} is no action; {did_you_mean(str(action)[:80], MODELS)}"
