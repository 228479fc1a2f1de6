"""``python -m ops``: see `ops.app`."""

from ops.app import build_app
from ops.environment import Environment

if __name__ == "__main__":
    build_app(Environment())(prog_name="python -m ops")
