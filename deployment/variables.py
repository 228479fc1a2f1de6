"""``${…}`` in s.yaml, as far as this project's file uses it.

Documented: Serverless Devs ``docs/zh/variables.md``, 2026-01. Known here are ``${vars.x}``, ``${env('K', 'default')}``,
``${config('AccountID')}`` and ``${resources.<name>.props.x}``; anything else is refused rather than passed through.
"""

import re
from collections.abc import Mapping, Sequence

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_ENV = re.compile(r"env\(\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1\s*(?:,\s*(['\"])(.*?)\3\s*)?\)")
_CONFIG = re.compile(r"config\(\s*(['\"]?)(\w+)\1\s*\)")
_ALLOWED = "${vars.x}, ${env('K')}, ${env('K', 'default')}, ${config('AccountID')}, ${resources.<name>.props.x}"
_DEPTH = 10


class VariableError(ValueError):
    """A variable of s.yaml that cannot be resolved: which, where, and what is allowed."""


class Resolver:
    """Resolves the variables of one s.yaml.

    Args:
        document: the file as parsed.
        environ: what ``env()`` reads.
        account_id: what ``config('AccountID')`` gives.
    """

    def __init__(self, document: Mapping[str, object], environ: Mapping[str, str], account_id: str) -> None:
        self._document, self._environ, self._account_id = document, environ, account_id

    def resolve(self, value: object, where: str, depth: int = 0) -> object:
        """`value` with every variable in it replaced, however deep in lists and mappings.

        A text that is one variable takes that variable's value whatever its type; otherwise values become text.

        Raises:
            VariableError: an unknown form, an unset environment variable, a path to nothing, a circle.
        """
        if isinstance(value, Mapping):
            return {key: self.resolve(item, f"{where}.{key}", depth) for key, item in value.items()}
        if isinstance(value, str):
            return self._text(value, where, depth)
        if isinstance(value, Sequence):
            return [self.resolve(item, f"{where}[{number}]", depth) for number, item in enumerate(value)]
        return value

    def _text(self, text: str, where: str, depth: int) -> object:
        if depth > _DEPTH:
            raise VariableError(f"{where}: variables refer to each other in a circle, or more than {_DEPTH} deep")
        whole = _VARIABLE.fullmatch(text)
        if whole:
            return self.resolve(self._value(whole[1].strip(), where), where, depth + 1)
        return _VARIABLE.sub(lambda found: str(self._text(found[0], where, depth)), text)

    def _value(self, expression: str, where: str) -> object:
        env, config = _ENV.fullmatch(expression), _CONFIG.fullmatch(expression)
        if env:
            return self._env(env[2], env[4], where)
        if config and config[2] == "AccountID":
            return self._account_id
        root, _, _ = expression.partition(".")
        if root in ("vars", "resources"):
            return self._path(expression, where)
        raise VariableError(f"{where}: ${{{expression}}} is not known here; known are {_ALLOWED}")

    def _env(self, name: str, default: str | None, where: str) -> str:
        value = self._environ.get(name, default)
        if value is None:
            raise VariableError(f"{where}: environment variable {name} is not set, and s.yaml gives no default for it")
        return value

    def _path(self, path: str, where: str) -> object:
        found: object = self._document
        for part in path.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise VariableError(f"{where}: ${{{path}}} does not exist: there is no {part!r}")
            found = found[part]
        return found
