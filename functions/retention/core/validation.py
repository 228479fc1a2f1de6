"""What is wrong in a policy file, request, narrowing or message, in words for the person who wrote it."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import (
    BaseModel,
    RootModel,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails

from functions.retention.core.errors import ContradictionsError, EventError, Key, Problem

T = TypeVar("T")

M = TypeVar("M", bound=BaseModel)


def validated(adapter: TypeAdapter[T], wire: Mapping[str, Any]) -> T:
    """A value of the adapter's type.

    Raises:
        EventError: one line for each field that is missing, unknown or wrong, with what it takes.
    """
    try:
        return adapter.validate_python(wire)
    except ValidationError as error:
        raise EventError("\n".join(_problem(each) for each in error.errors(include_url=False))) from error


def _problem(error: ErrorDetails) -> str:
    kind = error["type"]
    where = ".".join(str(part) for part in error["loc"]) or "body"
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        return f"{where}: unknown key: leave it out"
    said = _WITHOUT_VALUE.get(kind)
    return f"{where}: {said or _WHAT_IT_TAKES.get(kind, error['msg'])} (found {error['input']!r:.80})"


def read_model(model: type[M], wire: Mapping[str, Any]) -> tuple[M | None, list[Problem]]:
    """A model read from JSON, or all that is wrong with it.

    Nothing in it may be empty, besides what the model refuses. Leaving a key out means all; an empty value most often
    comes from a variable that is not set.

    Args:
        model: what to read.
        wire: a JSON object, parsed.

    Returns:
        The model and no problem, or None and every problem.
    """
    try:
        read, problems = model.model_validate(dict(wire)), list[Problem]()
    except ValidationError as error:
        read, problems = None, list(problems_in(error, model))
    known = {problem.where for problem in problems if problem.what.startswith("unknown key")}
    empty = {problem.where: problem for problem in empty_values(wire) if problem.where not in known}
    problems = [problem for problem in problems if problem.where not in empty] + list(empty.values())
    return (None if problems else read), problems


def empty_values(wire: object) -> Iterator[Problem]:
    """Every place of a JSON value, at any depth, that holds null, blank text, an empty list or an empty object."""
    pending: list[tuple[tuple[Key, ...], object]] = [((), wire)]
    while pending:
        where, value = pending.pop()
        if where and value is None:
            yield Problem(where, "has no value: write one, or leave the key out")
        elif where and (value in ([], {}) or (isinstance(value, str) and not value.strip())):
            yield Problem(where, EMPTY)
        elif isinstance(value, Mapping):
            pending += [((*where, str(key)), inner) for key, inner in value.items()]
        elif isinstance(value, list | tuple):
            pending += [((*where, index), inner) for index, inner in enumerate(value)]


EMPTY = "is empty: name at least one, or leave the key out"

_WHAT_IT_TAKES = {
    "string_type": "takes text; put it in quotes",
    "list_type": "takes a list",
    "float_type": "takes a number",
    "tuple_type": "takes a list",
    "dict_type": "takes keys with values",
    "mapping_type": "takes keys with values",
    "bool_type": "takes true or false",
    "int_type": "takes a whole number",
}

_WITHOUT_VALUE = {
    "missing": "is missing",
    "too_short": EMPTY,
}


def problems_in(error: ValidationError, model: type[BaseModel]) -> Iterator[Problem]:
    """Every problem that pydantic found reading a `model`, contradictions between well-formed parts one by one."""
    for each in error.errors(include_url=False):
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, ContradictionsError):
            yield from cause.problems
        elif each["type"] != "too_short" or not each["input"]:  # a list of wrong items counts as short as well
            yield Problem(_where(each), _what(each, model, cause))


def _where(error: ErrorDetails) -> tuple[Key, ...]:
    """Where in what was written; pydantic adds the tag of the alternative that it read, which begins with NUL here."""
    return tuple(key for key in error["loc"] if not str(key).startswith("\0"))


def key_path(where: Iterable[Key]) -> str:
    """The keys and indexes of a place as one text: ``policies[0].match.path``."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{_printable(key)}" for key in where)
    return text.removeprefix(".")


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """A word that is near, as a question, and all that are allowed."""
    words = list(allowed)
    near = get_close_matches(word.replace("-", "_").lower(), words, n=1) or get_close_matches(word, words, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"allowed: {', '.join(words)}"


def _what(each: ErrorDetails, model: type[BaseModel], cause: object) -> str:
    kind = each["type"]
    if isinstance(cause, ValueError):
        return str(cause)
    if kind == "extra_forbidden":
        reader = _model_at(model, each["loc"][:-1])
        removed: Mapping[str, str] = getattr(reader, "removed_keys", {})
        if each["loc"][-1] in removed:
            return removed[str(each["loc"][-1])]
        return f"unknown key; {did_you_mean(str(each['loc'][-1]), _keys(reader))}"
    return _WITHOUT_VALUE.get(kind) or f"{each['input']!r:.80} {_wanted(each, model)}"


def _wanted(each: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = each["type"], each.get("ctx", {})
    if kind == "literal_error":
        allowed = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"is not allowed; {did_you_mean(str(each['input']), allowed)}"
    if kind == "model_type":
        return f"is no set of keys; allowed: {', '.join(_keys(_model_at(model, each['loc'])))}"
    if kind == "greater_than_equal":
        return f"is too small: write {context['ge']} or more"
    return _WHAT_IT_TAKES.get(kind) or f"is wrong: {each['msg']}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], where: Iterable[Key]) -> type[BaseModel]:
    """The model that reads the keys at a place, or the innermost one around it."""
    for key in where:
        if issubclass(model, RootModel):
            model = _model_in(model.model_fields["root"].annotation) or model
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        field = fields.get(str(key))
        model = (_model_in(field.annotation) if field else None) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _printable(key: str) -> str:
    return key if key.isprintable() and key and " " not in key else repr(key)
