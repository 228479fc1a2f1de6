"""``python -m ops``: see `ops.app`."""

from ops.app import main

if __name__ == "__main__":
    main("python -m ops")
