"""The questions that dashboard, saved searches and alerts ask the audit log.

Each is a search, then SQL over what it finds. A record may be in the log more than once, and twins of a run may tell
the same outcome: so everything counts distinct ids or tokens and never sums plain rows. Times are compared by the
record's own ``at``, which sorts as text; ``__time__`` is when a batch of records was put.
"""

from dataclasses import dataclass

from functions.retention.core import EndReason

UNWANTED_ENDS = tuple(end.value for end in EndReason if end.alarm == "refused")
"""Reasons for which a run ends and the alert `refused` fires."""


@dataclass(frozen=True)
class Query:
    """One question.

    Attributes:
        search: which records, in the log's search language.
        sql: over those, from a table named ``log``; "" shows the records themselves.
    """

    search: str
    sql: str = ""

    @property
    def text(self) -> str:
        """As the log service takes it."""
        return f"{self.search} | {self.sql}" if self.sql else self.search


def any_of(field: str, values: tuple[str, ...]) -> str:
    """A search for records whose field has one of the values."""
    return "(" + " or ".join(f'{field}: "{value}"' for value in values) + ")"


RECLAIMED = Query(
    "event: outcome and status: success",
    "SELECT day, file_system, sum(size) AS bytes FROM (SELECT client_token, file_system, min(substr(at, 1, 10)) AS day,"
    " max(size) AS size FROM log GROUP BY client_token, file_system) AS jobs GROUP BY day, file_system ORDER BY day"
    " LIMIT 1000",
)
"""Bytes whose deletion succeeded, by day and file system."""

OUTCOMES = Query(
    "event: outcome",
    "SELECT status, count(DISTINCT client_token) AS jobs FROM log GROUP BY status ORDER BY jobs DESC",
)
"""Jobs by what became of them."""

SLOT_BUSY = Query(
    "event: intent or event: outcome",
    "SELECT day, file_system, round(sum(ended - begun) / 864.0, 1) AS percent FROM (SELECT client_token, file_system,"
    " min(substr(at, 1, 10)) AS day, min(to_unixtime(from_iso8601_timestamp(at))) AS begun,"
    " max(to_unixtime(from_iso8601_timestamp(at))) AS ended FROM log"
    " GROUP BY client_token, file_system HAVING count(DISTINCT event) = 2) AS jobs GROUP BY day, file_system"
    " ORDER BY day LIMIT 1000",
)
"""Percent of a day that jobs of ours held the one slot of a file system, by the day a job began.

From its announcement to when its end was seen, so a little too much.
"""

HAND_OVERS = Query(
    'event: "handed-over"',
    "SELECT substr(at, 1, 10) AS day, count(DISTINCT event_id) AS hand_overs FROM log GROUP BY substr(at, 1, 10)"
    " ORDER BY day LIMIT 1000",
)
"""Continuations sent, by day."""

REFUSALS = Query(
    f"event: refused or (event: ended and {any_of('reason', UNWANTED_ENDS)})",
    "SELECT file_system, event, reason, count(DISTINCT event_id) AS times, max(at) AS latest, max_by(detail, at) AS"
    " detail FROM log GROUP BY file_system, event, reason ORDER BY latest DESC LIMIT 100",
)
"""What was refused and which runs ended badly, the latest first."""

BACKLOG = Query(
    'event: started or event: "handed-over" or event: ended',
    "SELECT file_system, run, mode, since, selected, jobs_done, latest FROM (SELECT file_system, run,"
    " max(mode) AS mode, min(as_of) AS since, max(selected) AS selected, max(jobs_done) AS jobs_done,"
    " max(at) AS latest, max(CASE WHEN event = 'ended' THEN 1 ELSE 0 END) AS ended FROM log"
    " GROUP BY file_system, run) AS runs WHERE ended = 0 ORDER BY since LIMIT 100",
)
"""Runs without an end, the oldest first."""

PLANS = Query(
    "event: surveyed not candidate: yes",
    "SELECT file_system, mode, max(at) AS latest, max_by(selected, at) AS selected, max_by(jobs, at) AS jobs,"
    " max_by(bytes, at) AS bytes FROM log GROUP BY file_system, mode ORDER BY bytes DESC LIMIT 100",
)
"""The newest survey of each file system and mode; of a dry run it is what enforcing would take."""

NOTHING_DELETED = Query(
    "mode: enforce and (event: surveyed or event: outcome)",
    "SELECT file_system, selected FROM (SELECT file_system, max(CASE WHEN event = 'surveyed' THEN selected ELSE 0 END)"
    " AS selected, count(DISTINCT CASE WHEN event = 'outcome' AND status = 'success' THEN client_token END) AS deleted"
    " FROM log GROUP BY file_system) AS file_systems WHERE selected > 0 AND deleted = 0 LIMIT 100",
)
"""File systems with an enforcing policy that selected something, and none of it went."""

NO_SWEEP = Query(
    "trigger: sweep and (event: swept or event: refused)",
    "SELECT sweeps FROM (SELECT count(DISTINCT event_id) AS sweeps FROM log) AS counted WHERE sweeps = 0",
)
"""A row when no sweep wrote anything."""

QUARANTINED = Query(
    "event: skipped and reason: quarantined",
    "SELECT file_system, file_id, max(path) AS path, max(at) AS latest FROM log GROUP BY file_system, file_id"
    " ORDER BY latest DESC LIMIT 100",
)
"""Targets whose job failed each time it was tried."""

POLICIES_DIFFER = Query(
    'event: ended and reason: "policies-differ"',
    "SELECT file_system, count(DISTINCT event_id) AS times, max(at) AS latest, max_by(detail, at) AS detail FROM log"
    " GROUP BY file_system ORDER BY latest DESC LIMIT 100",
)
"""File systems whose tags let more be deleted than a while ago, so that runs on them only survey."""

FAR_ABOVE_USUAL = Query(
    "event: surveyed not candidate: yes",
    "SELECT file_system, mode, newest, usual FROM (SELECT file_system, mode, count(DISTINCT event_id) AS surveys,"
    " max_by(bytes, at) AS newest, approx_percentile(bytes, 0.5) AS usual FROM log GROUP BY file_system, mode)"
    " AS surveyed WHERE surveys >= 3 AND newest > 10737418240 AND newest > 3 * usual LIMIT 100",
)
"""File systems whose newest survey selects far more than they usually do.

That is: more than 10 GiB, and more than three times the median of at least three surveys, the newest among them; an
alert cannot look back further than a day's.
"""

UNSEALED = Query(
    "event: unsealed",
    "SELECT reason, count(DISTINCT event_id) AS times, max(at) AS latest, max_by(detail, at) AS detail FROM log"
    " GROUP BY reason ORDER BY latest DESC LIMIT 100",
)
"""Messages that claim to be of a run and carry no seal that verifies, by what was wrong with the seal."""

DEAD_LETTERS = Query(
    "event: poison or event: unsealed or (event: refused and trigger: request) or (event: ended and reason: failed)",
    "SELECT event, file_system, run, max(at) AS latest, max_by(detail, at) AS detail FROM log"
    " GROUP BY event, file_system, run ORDER BY latest DESC LIMIT 100",
)
"""What the functions themselves put into the dead-letter queue."""

FUNCTION_ERRORS = Query(
    '"Unhandled function error"',
    "SELECT __topic__ AS topic, count(1) AS lines FROM log GROUP BY __topic__ ORDER BY lines DESC LIMIT 100",
)
"""Invocations that raised, in the functions' own log (observed: the runtime's end line).

It is by these that the event stream and asynchronous invocations put letters into the dead-letter queue.
"""
