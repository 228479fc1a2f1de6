"""From a ``handler:`` text to the function it names, the way the runtime of Python 3.10 finds it.

Observed in a public copy of that runtime: the text is split at its last dot; a module part with a slash is loaded from
its file under its very text as module name, so that relative imports fail and absolute ones from the code root work;
a folder named with a dot must be a package. A module is executed once per instance. Unlike the runtime, nothing is
added to ``sys.path``: start Python in the code root.
"""

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

Handler = Callable[..., object]


class LoadError(Exception):
    """The handler could not be loaded.

    Attributes:
        error_type: the runtime's word for it: ``InvalidHandleName``, ``ImportModuleError``, ``UserCodeSyntaxError``
            or ``HandlerNotFound`` (observed).
    """

    def __init__(self, error_type: str, message: str) -> None:
        self.error_type = error_type
        super().__init__(message)


def load_handler(code_root: Path, handler: str) -> Handler:
    """Execute the module a handler text names and return the function.

    Args:
        code_root: the folder that is ``/code`` in the cloud.
        handler: e.g. ``functions/sweep.handler``.

    Raises:
        LoadError: with the runtime's own error type.
    """
    module_part, dot, name = handler.rpartition(".")
    if not dot or not module_part or not name:
        raise LoadError("InvalidHandleName", f"handler {handler!r} is not of the form <module>.<function>")
    module = _load_module(code_root, module_part)
    function = getattr(module, name, None)
    if not callable(function):
        raise LoadError("HandlerNotFound", f"module {module_part!r} has no function {name!r}")
    return function  # type: ignore[no-any-return]  # whatever the module put there, as in the runtime


def bind_seam(handler: Handler, seam: dict[str, Any]) -> Callable[[bytes, object], object]:
    """A function of event and context; what the handler takes by keyword only, and `seam` has, is given to it.

    The runtime calls ``handler(event, context)`` and leaves such parameters to their defaults; they are the one way in
    for a fake's clock, environment and randomness.
    """
    taken = {
        name: seam[name]
        for name, parameter in inspect.signature(handler).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name in seam
    }
    return lambda event, context: handler(event, context, **taken)


def _find(code_root: Path, module_part: str) -> Path:
    directory, _, dotted = module_part.rpartition("/")
    *packages, name = dotted.split(".")
    path = code_root / directory
    wanted = []
    for package in packages:
        path /= package
        wanted.append(path / "__init__.py")
    wanted.append(path / f"{name}.py")
    for file in wanted:
        if not file.is_file():
            raise LoadError("ImportModuleError", f"no {file.relative_to(code_root)} in the code of the function")
    return wanted[-1]


def _load_module(code_root: Path, module_part: str) -> ModuleType:
    path = _find(code_root, module_part)
    spec = importlib.util.spec_from_file_location(module_part, path)
    if spec is None or spec.loader is None:
        raise LoadError("ImportModuleError", f"{path.relative_to(code_root)} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_part] = module  # as the import system does; the runtime's module names hold a slash
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise LoadError("UserCodeSyntaxError", str(error)) from error
    except Exception as error:
        raise LoadError("ImportModuleError", f"{type(error).__name__}: {error}") from error
    return module
