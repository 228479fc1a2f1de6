"""Write the reference pages that are made from code: ``python -m docs.generate``.

The pages are committed, so the site needs no part of the project to build. A test fails when one is out of date.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from functions.retention.audit.schema import EVENTS, FIELDS
from functions.retention.core.run_end import EndReason
from ops.app import build_app
from ops.environment import Environment
from ops.exit_codes import TABLE

FOLDER = Path(__file__).parent / "reference"
SCHEMA = Path(__file__).parents[1] / "functions" / "policies.schema.json"

_MADE_BY = "<!-- Made by `python -m docs.generate` from {source}; a test fails when it is out of date. -->\n"


def pages() -> dict[str, str]:
    """The text of every generated page, by file name."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {
        "run-ends.md": run_ends(EndReason),
        "audit-records.md": audit_records(FIELDS, EVENTS),
        "policy-keys.md": policy_keys(schema),
        "command-line.md": command_line(build_app(Environment())),
    }


def run_ends(reasons: Iterable[EndReason]) -> str:
    """The page about the reasons for which a run ends."""
    head = _head("How a run ends", "functions/retention/core/run_end.py")
    intro = (
        "Every run ends with one reason. The record `ended` of the audit log holds it.\n"
        "Beside the reason it holds counts; [Audit records](audit-records.md) explains them.\n"
        "A count that nobody knows is absent. It is never written as 0.\n\n"
        "`ops follow` and `--follow` exit with the code of the end.\n\n"
    )
    columns = ("Reason", "Meaning", "Deleted", "By", "What to do", "Exit code", "Alert")
    return head + intro + _table(columns, map(_end_row, reasons))


def _end_row(end: EndReason) -> tuple[str, ...]:
    alert = f"`{end.alarm}`" if end.alarm else "none"
    facts = (end.deleted.value, end.cause.value, end.remedy, str(end.exit_code), alert)
    return (f"`{end.value}`", end.meaning, *facts)


def audit_records(fields: Mapping[str, str], events: Mapping[str, str]) -> str:
    """The page about the audit log's events and fields."""
    head = _head("Audit records", "functions/retention/audit/schema.py")
    intro = "The audit log holds one record for each event. All values are text. A field without a value is absent.\n\n"
    events_table = _table(("Event", "Meaning"), ((f"`{name}`", text) for name, text in events.items()))
    fields_table = _table(("Field", "Meaning"), ((f"`{name}`", text) for name, text in fields.items()))
    return head + intro + "## Events\n\n" + events_table + "\n## Fields\n\n" + fields_table


def policy_keys(schema: Mapping[str, Any]) -> str:
    """The page about the keys of a policy file.

    Args:
        schema: the JSON Schema of policy files.
    """
    head = _head("Policy file", "functions/policies.schema.json")
    intro = (
        "Keys that are not in these tables are refused.\n\n"
        "A duration is a whole number of `m` (minutes), `h`, `d` or `w`, for example `36h`.\n"
        "A size is a whole number with a unit, for example `500MiB` or `2TB`.\n"
        "An id is the id of a file system.\n"
    )
    objects = {"The file": schema, **schema["$defs"]}
    return head + intro + "".join(_keys(name, described) for name, described in objects.items())


def command_line(app: typer.Typer) -> str:
    """The page about the command line, its commands, arguments and options."""
    head = _head("Command line", "ops/commands")
    intro = (
        "From the repository, run `python -m ops`. Where the package is installed, run `nas-retention`.\n"
        "Both take the same commands.\n\n"
        f"{TABLE}\n"
    )
    return head + intro + "".join(_commands(typer.main.get_command(app), ()))


def _head(title: str, source: str) -> str:
    return _MADE_BY.format(source=source) + f"\n# {title}\n\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text that no table breaks and no Markdown is read into; double backticks are those of docstrings."""
    plain = " ".join(text.replace("``", "`").split())
    return re.sub(r"[|<>]", lambda found: {"|": "\\|", "<": "&lt;", ">": "&gt;"}[found[0]], plain)


def _keys(name: str, described: Mapping[str, Any]) -> str:
    required = described.get("required", ())
    rows = (
        (f"`{key}`", _values(value), "yes" if key in required else "", value.get("description", ""))
        for key, value in described["properties"].items()
    )
    text = " ".join(described.get("description", "").replace("``", "`").split())
    return f"\n## {name}\n\n{text}\n\n" + _table(("Key", "Value", "Required", "Meaning"), rows)


def _values(value: Mapping[str, Any]) -> str:
    """What a key takes, for a person: no regular expression is shown."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    choices = value.get("anyOf") or value.get("oneOf")
    if choices:
        return " or ".join(dict.fromkeys(map(_values, choices)))
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " or ".join(f"`{each}`" for each in value["enum"])
    if value.get("type") == "array":
        items = "these" if "enum" in value["items"] else _values(value["items"])
        return f"list of {items}" if "[" in items or items == "these" else f"list of {items}s"
    return _scalar(value)


def _scalar(value: Mapping[str, Any]) -> str:
    if value["type"] == "string":
        pattern = str(value.get("pattern", ""))
        known = {"[mhdw]$": "duration", "?B$": "size", "{1,64}$": "id", "[0-5][0-9]$": "hours", "{0,63}$": "name"}
        return next((name for end, name in known.items() if pattern.endswith(end)), "text")
    ends = [str(value[end]) for end in ("minimum", "maximum") if end in value]
    kinds = {"boolean": "true or false", "integer": "whole number", "number": "number", "object": "keys and texts"}
    return kinds[value["type"]] + (f" from {' to '.join(ends)}" if ends else "")


def _commands(command: Any, above: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401 - of typer's own copy of click
    below = getattr(command, "commands", None)
    if below is not None:
        for name, each in below.items():
            yield from _commands(each, (*above, name))
        return
    yield f"\n## {' '.join(above)}\n\n{_text(command.help)}\n\n"
    rows = [(_spelling(each), _default(each), _text(getattr(each, "help", ""))) for each in command.params]
    yield _table(("Argument or option", "Default", "Meaning"), [row for row in rows if row[0] != "`--help`"])


def _text(help_text: str | None) -> str:
    return " ".join((help_text or "").split())


def _spelling(parameter: Any) -> str:  # noqa: ANN401 - see _commands
    if parameter.param_type_name == "argument":
        many = " …" if parameter.nargs != 1 else ""
        return f"`{parameter.name.upper()}{many}`"
    return f"`{max(parameter.opts, key=len)}`"


def _default(parameter: Any) -> str:  # noqa: ANN401 - see _commands
    default = getattr(parameter.default, "value", parameter.default)
    if parameter.required:
        return "required"
    return "" if default in (None, "", False) or callable(default) else f"`{default}`"


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
