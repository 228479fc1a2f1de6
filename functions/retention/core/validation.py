"""What is wrong in policies or a narrowing, in words for the person who wrote it: what is allowed, what was meant."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import (
    BaseModel,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails

from functions.retention.core.errors import ContradictionsError, EventError, Key, Problem

T = TypeVar("T")


def validated(adapter: TypeAdapter[T], wire: Mapping[str, Any]) -> T:
    """A value of the adapter's type.

    Raises:
        EventError: one line for each field that is missing, unknown or wrong, with what it takes.
    """
    try:
        return adapter.validate_python(wire)
    except ValidationError as error:
        raise EventError("\n".join(_problem(each) for each in error.errors(include_url=False))) from error


def _problem(error: Any) -> str:  # noqa: ANN401 - pydantic's own description of an error
    where = ".".join(str(part) for part in error["loc"]) or "body"
    found = f" (found {error['input']!r:.80})" if error["type"] not in ("missing", "extra_forbidden") else ""
    return f"{where}: {error['msg']}{found}"


_WHAT_IT_TAKES = {
    "string_type": "takes text; put it in quotes",
    "tuple_type": "takes a list",
    "dict_type": "takes keys with values",
    "mapping_type": "takes keys with values",
    "bool_type": "takes true or false",
    "int_type": "takes a whole number",
}

_WITHOUT_VALUE = {
    "missing": "is missing",
    "too_short": "is empty: name at least one, or leave the key out",
}


def problems_in(error: ValidationError, model: type[BaseModel]) -> Iterator[Problem]:
    """Every problem that pydantic found reading a `model`, contradictions between well-formed parts one by one."""
    for each in error.errors(include_url=False):
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, ContradictionsError):
            yield from cause.problems
        elif each["type"] != "too_short" or not each["input"]:  # a list of wrong items counts as short as well
            yield Problem(each["loc"], _what(each, model, cause))


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
        return f"unknown key; {did_you_mean(str(each['loc'][-1]), _keys(_model_at(model, each['loc'][:-1])))}"
    return _WITHOUT_VALUE.get(kind) or f"{each['input']!r:.80} {_wanted(each, model)}"


def _wanted(each: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = each["type"], each.get("ctx", {})
    if kind == "literal_error":
        allowed = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"is not allowed; {did_you_mean(str(each['input']), allowed)}"
    if kind == "model_type":
        return f"is no set of keys; allowed: {', '.join(_keys(_model_at(model, each['loc'])))}"
    if kind == "string_pattern_mismatch":
        return f"is not written like {context['pattern']}"
    return _WHAT_IT_TAKES.get(kind) or f"is wrong: {each['msg']}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], where: Iterable[Key]) -> type[BaseModel]:
    """The model that reads the keys at a place, or the innermost one around it."""
    for key in where:
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
