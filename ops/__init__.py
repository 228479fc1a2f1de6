"""What an operator runs on a machine of their own: packaging, provisioning, invoking. Never deployed.

It reads s.yaml and timer schedules by the models in ``deployment/``, as the fakes' host does, so both read them alike.
"""

__version__ = "0.2.0"
"""Of the whole project; `pyproject.toml` takes it from here."""
