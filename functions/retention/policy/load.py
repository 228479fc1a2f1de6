"""Reads policy files, and refuses them with everything that is wrong at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from functions.retention.core import Key, PolicyError, Problem, key_path, problems_in
from functions.retention.policy.fields import SomeFileSystemIds
from functions.retention.policy.model import Guardrails, Model, Policy, PolicyFile, contradictions
from functions.retention.policy.yaml_source import PolicyYaml

_Part = TypeVar("_Part", bound=Model)


def read_policies(path: Path | str) -> PolicyFile:
    """The policies in a file.

    Raises:
        PolicyError: it cannot be read, is no UTF-8, or is wrong: see `load_policies`.
    """
    return load_policies(_text_of(path), str(path))


def read_file_systems(path: Path | str) -> tuple[str, ...]:
    """The ids in ``guardrails.file_systems`` of a file, also when the rest of it cannot be used.

    Raises:
        PolicyError: the file does not say them.
    """
    value = PolicyYaml(_text_of(path)).value
    guardrails = value.get("guardrails") if isinstance(value, Mapping) else None
    written = guardrails.get("file_systems") if isinstance(guardrails, Mapping) else None
    try:
        return TypeAdapter(SomeFileSystemIds).validate_python(written)
    except ValidationError as error:
        raise PolicyError([f"{path}: guardrails.file_systems cannot be read"]) from error


def _text_of(path: Path | str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PolicyError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError([f"{path}:{line}: not UTF-8: {error.reason}"]) from error


def load_policies(text: str, source: str) -> PolicyFile:
    """The policies in a YAML text.

    Args:
        text: YAML.
        source: names the text in problems, like ``functions/policies.yaml``.

    Raises:
        PolicyError: with a line for every problem: source and line, keys, what is wrong and what is allowed.
    """
    read = PolicyYaml(text)
    problems = list(read.problems)
    if read.value is not None:
        try:
            file = PolicyFile.model_validate(read.value)
        except ValidationError as error:
            known = [problem.where for problem in problems]
            problems += (problem for problem in _all_in(error, read.value) if not _is_within(problem.where, known))
        else:
            if not problems:
                return file
    numbered = sorted({(read.line_of(where), key_path(where), what) for where, what in problems})
    raise PolicyError([f"{source}:{line}: {keys}{': ' if keys else ''}{what}" for line, keys, what in numbered])


def _all_in(error: ValidationError, value: object) -> Iterator[Problem]:
    """The problems of a file, and what contradicts each other in the parts of it that can be read; some are twice."""
    yield from problems_in(error, PolicyFile)
    if isinstance(value, Mapping):
        written = value.get("policies")
        read = [_readable(Policy, each) for each in written] if isinstance(written, list) else []
        policies = {index: policy for index, policy in enumerate(read) if policy is not None}
        yield from contradictions(_readable(Guardrails, value.get("guardrails")), policies)


def _is_within(where: Sequence[Key], places: Iterable[Sequence[Key]]) -> bool:
    """Whether a place is one of these, or inside of one."""
    return any(tuple(where[: len(place)]) == tuple(place) for place in places)


def _readable(model: type[_Part], value: object) -> _Part | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None
