"""What the package has in place of libraries that an SDK imports and that no call made from here runs.

Such an import is not guarded, so leaving the library out alone would stop the SDK from being imported. A stand-in has
the names that the SDK asks for while it is imported, and nothing else: creating or calling one of them raises, and any
other name is an AttributeError, as for every module. The SDK's own files are as the vendor ships them.

``alibabacloud_tea_openapi.client`` imports most of these whenever it is imported itself, through the credentials chain
and through the transport, also for calls that need neither: a function is given its keys by the platform, and signs
with hashlib and hmac (observed: 0.4.6, with darabonba-core 1.0.9, alibabacloud-tea 0.4.3, alibabacloud-credentials
1.0.12). ``aliyun.log`` imports all that it has (observed: 0.9.52). A test imports the functions from a package in a
clean interpreter and holds that every stand-in is asked for; others make every call from there, errors included.
``PYTHONPATH=/code/python`` also holds for the platform's own bootstrap in that interpreter: should it import one of
these libraries, it gets the stand-in. It is assumed not to; the first deployment shows it at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_SOURCE = '"""Stands in for what is left out of this package: see ops/package/stand_ins.py."""\n'
_NAME = """

class {name}:
    def __init__(self, *_args, **_options):
        raise NotImplementedError("{module}.{name} is left out of this package: see ops/package/stand_ins.py")
"""


@dataclass(frozen=True)
class StandIn:
    """A library's place in the package.

    Attributes:
        distribution: what it stands in for, by its normalised name; pruned.
        modules: modules that are imported, each with the names that are imported from it or mentioned in passing.
        reason: what the SDK would use it for.
    """

    distribution: str
    modules: Mapping[str, Sequence[str]]
    reason: str


STAND_INS: tuple[StandIn, ...] = (
    StandIn("aiohttp", {"aiohttp": ("ClientResponse", "ClientSession")}, "carries calls made with async and await"),
    StandIn("aiofiles", {"aiofiles": ()}, "reads credentials from files, with async and await"),
    StandIn(
        "apscheduler",
        {"apscheduler.schedulers.background": ("BackgroundScheduler",)},
        "renews the keys of a virtual machine's role",
    ),
    StandIn(
        "cryptography",
        {
            "cryptography.hazmat.primitives.hashes": (),
            "cryptography.hazmat.primitives.asymmetric.padding": (),
            "cryptography.hazmat.primitives.serialization": ("load_pem_private_key",),
        },
        "signs with RSA key pairs",
    ),
    StandIn("jmespath", {"jmespath": (), "jmespath.exceptions": ("ParseError",)}, "transforms logs by rules"),
    StandIn(
        "python-dateutil", {"dateutil.parser": ()}, "reads times that are given in words; the functions give numbers"
    ),
    StandIn("websocket-client", {"websocket": (), "websocket._abnf": ("ABNF",)}, "calls that answer by a web socket"),
)


def write_stand_ins(folder: Path, stand_ins: Sequence[StandIn] = STAND_INS) -> None:
    """Write the modules below a folder of dependencies, and the packages that they are in.

    Raises:
        FileExistsError: a module is there already, so the library is not pruned.
    """
    for stand_in in stand_ins:
        for path, source in _files(stand_in.modules):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x") as file:
                file.write(source)


def _files(modules: Mapping[str, Sequence[str]]) -> Iterator[tuple[PurePosixPath, str]]:
    """The path of every module and of the packages around it, with its source."""
    packages = {parent for module in modules for parent in _parents(module)}
    for module in sorted(packages | modules.keys()):
        place = PurePosixPath(*module.split("."))
        source = _SOURCE + "".join(_NAME.format(module=module, name=name) for name in modules.get(module, ()))
        yield (place / "__init__.py" if module in packages else place.with_suffix(".py")), source


def _parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    for length in range(1, len(parts)):
        yield ".".join(parts[:length])
