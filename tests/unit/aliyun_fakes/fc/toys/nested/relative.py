"""Works nowhere on Python 3.10 runtimes: a relative import below the code root."""

from .worker import work

handler = work
