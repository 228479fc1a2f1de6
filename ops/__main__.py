"""``python -m ops``: see `ops.app`."""

from ops.app import build_app
from ops.environment import World

if __name__ == "__main__":
    build_app(World())(prog_name="python -m ops")
