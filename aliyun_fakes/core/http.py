"""Requests and responses as the fakes see them, whichever front they came through."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote


class Headers(dict[str, str]):
    """Headers by lower-case name. Build with `Headers.of`."""

    @classmethod
    def of(cls, raw: Mapping[str, str | bytes]) -> "Headers":
        """Lower the names, decode the values."""
        return cls(
            (name.lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value))
            for name, value in raw.items()
        )


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse JSON, with or without a byte-order mark.

    Raises:
        ValueError: it is no JSON, no UTF-8, or nested too deeply for Python's parser.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


@dataclass(frozen=True)
class Request:
    """One HTTP request.

    Attributes:
        method: upper case.
        host: host name without port, lower case.
        raw_path: path exactly as sent, still percent-encoded.
        raw_query: query string exactly as sent, without the question mark.
        headers: by lower-case name.
        body: bytes; empty when there is none.
    """

    method: str
    host: str
    raw_path: str
    raw_query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters decoded as form data (``+`` is a space); the last of equal names wins."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The body's parameters when it is an url-encoded form, else nothing."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    @cached_property
    def given(self) -> dict[str, str]:
        """`query` without empty parameters: several SDKs send what their user left out as "" (observed)."""
        return {name: value for name, value in self.query.items() if value}

    @property
    def path(self) -> str:
        """The path decoded."""
        return unquote(self.raw_path)


@dataclass(frozen=True)
class Response:
    """One HTTP response.

    Attributes:
        status: HTTP status code.
        headers: as sent; the dispatcher adds ``Date``.
        body: bytes.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of_json(cls, status: int, value: object, headers: Mapping[str, str] | None = None) -> "Response":
        """A JSON body."""
        content_type = {"Content-Type": "application/json;charset=utf-8"}
        return cls(status, content_type | dict(headers or {}), json.dumps(value, ensure_ascii=False).encode())

    @classmethod
    def of_xml(cls, status: int, text: str, headers: Mapping[str, str] | None = None) -> "Response":
        """An XML body."""
        content_type = {"Content-Type": "text/xml;charset=utf-8"}
        return cls(status, content_type | dict(headers or {}), text.encode())


class ConnectionDropped(Exception):
    """The connection ends without a reply; each front turns it into what its clients see."""


class ReadTimedOut(Exception):
    """No reply within the client's patience; each front turns it into what its clients see."""


class InstanceCrashed(BaseException):
    """The function's instance dies at this very call (a fault of the schedule)."""
