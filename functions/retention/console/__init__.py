"""What a person asks, and the answers: one module in `actions` for each action.

May know every package but `cloud`.
Start reading at `dispatch`.
"""

from functions.retention.console.dispatch import answer

__all__ = [
    "answer",
]
