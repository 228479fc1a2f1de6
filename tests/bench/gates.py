"""The gates that mutants lack, and the promise that each is there for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one text in one module.

    Attributes:
        module: path below functions/.
        old: the text, which occurs exactly once.
        new: what stands there instead.
    """

    module: str
    old: str
    new: str

    def apply(self, functions: Path) -> None:
        """Make the change.

        Raises:
            ValueError: the text does not occur exactly once, so the mutant is out of date.
        """
        path = functions / self.module
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.module}: {self.old!r} occurs {text.count(self.old)} times; bring the mutant up")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        promise: that it is there for.
        missing: what the mutant lacks, for a person.
        changes: that take it away.
    """

    promise: str
    missing: str
    changes: tuple[Change, ...]


RULES, JUDGE, MODEL = "retention/policy/rules.py", "retention/policy/judge.py", "retention/policy/model.py"
LOOP, WATCH, PEOPLE = "retention/jobs/purge_loop.py", "retention/jobs/watch.py", "retention/jobs/people.py"
ANNOUNCE, MONITOR = "retention/jobs/announcement.py", "retention/jobs/monitor.py"
SLICE, MESSAGE, CHAIN = "retention/runs/slice.py", "retention/runs/message.py", "retention/runs/chain.py"
SELECTION = "retention/runs/selection.py"
PROTECTION = "retention/policy/protection.py"
UNUSUAL, ORDER, TARGETS = "retention/runs/unusual.py", "retention/walk/order.py", "retention/walk/selection.py"
CAPACITY, CAPACITY_GUARD = "retention/walk/capacity.py", "retention/jobs/capacity_guard.py"
PREFLIGHT, SURVEY, WORKER = "retention/runs/preflight.py", "retention/runs/survey_phase.py", "retention/runs/worker.py"

NO_SET = (
    Change(TARGETS, "        return key_of(entry) in self._rows", "        return bool(self._rows)"),
    Change(TARGETS, "self._rows[key_of(entry)].rule", "getattr(self._rows.get(key_of(entry)), 'rule', 0)"),
)
"""Takes whatever the policies select, once there is a set."""

GATES: tuple[Gate, ...] = (
    Gate(
        "nothing_outside_the_policies_goes",
        "`older_than`",
        (Change(RULES, "eligible_before = as_of - (policy.older_than or 0)", "eligible_before = as_of"),),
    ),
    Gate(
        "nothing_outside_the_policies_goes",
        "`match.path`",
        (
            Change(RULES, "    return find(path) is not None", "    return find(path) is not None or bool(path)"),
            Change(
                RULES, "(within is None or within.may_match_below(directory))", "(within is None or bool(directory))"
            ),
        ),
    ),
    Gate(
        "nothing_protected_goes",
        "`protect`",
        (Change(JUDGE, "which(path) if self._verdicts else None", "which(path) if not self._verdicts else None"),),
    ),
    Gate(
        "what_the_tag_protects_stays",
        "the tag that protects",
        (
            Change(
                PROTECTION,
                "    return (*rules_of(protect, file_system), *of_tag)",
                "    return (*rules_of(protect, file_system), *([] if of_tag else []))",
            ),
        ),
    ),
    Gate(
        "a_tag_lets_nothing_more_go_for_a_day",
        "the comparison with earlier tags",
        (
            Change(
                SLICE,
                '        if message.mode == "dry-run":\n            return None\n        tags',
                "        if message.mode:\n            return None\n        tags",
            ),
        ),
    ),
    Gate(
        "nothing_younger_than_min_age_goes",
        "`older_than` and `min_age`",
        (
            Change(RULES, "eligible_before = as_of - (policy.older_than or 0)", "eligible_before = as_of"),
            Change(JUDGE, "youngest = min(as_of, now) - guardrails.min_age", "youngest = min(as_of, now)"),
        ),
    ),
    Gate(
        "nothing_of_unknown_age_goes",
        "the checks of the deletion time, in the gate, in the set and before a job",
        (
            Change(
                JUDGE,
                "        if not SURELY_KNOWN(deleted) and not is_known_time(deleted):",
                "        if not SURELY_KNOWN(deleted) and not self._rules:",
            ),
            Change(ORDER, '        raise ValueError(f"DeleteTime {delete_time!r} is no time")', "        return 0"),
            Change(LOOP, "(parse_service_time(entry.delete_time) or 0.0) + days", "9e9 + days"),
        ),
    ),
    Gate(
        "a_dry_run_creates_no_job",
        "the dry run's bin, its end after the survey, and the rule which policies a run takes",
        (
            Change(SLICE, 'services.recycle_bin if message.mode == "enforce" else DryRunBin(', "("),
            Change(SURVEY, 'decision.plan.message.mode == "enforce"', "bool(decision.plan.message.mode)"),
            Change(SURVEY, 'message.mode == "enforce":\n        return not', "message.mode:\n        return not"),
        ),
    ),
    Gate(
        "no_run_outlives_its_policies",
        "the comparison of digests",
        (Change(PREFLIGHT, "    if message.digest != file.digest:", "    if not file.digest:"),),
    ),
    Gate(
        "a_survey_comes_before_every_job",
        "the survey",
        (
            Change(
                MESSAGE,
                "        narrowing=narrowing or {},",
                '        narrowing=narrowing or {}, phase="purge", selection=Selection("", run, 0.0, (9,)),',
            ),
        ),
    ),
    Gate(
        "the_limit_of_jobs_holds",
        "`limits.jobs`",
        (Change(MODEL, 'if self.jobs != "unlimited" and jobs > self.jobs:', "if self.jobs == jobs + 1_000_000:"),),
    ),
    Gate(
        "the_limit_of_bytes_holds",
        "`limits.bytes`",
        (Change(MODEL, 'if self.bytes != "unlimited" and size > self.bytes:', "if self.bytes == size + (1 << 60):"),),
    ),
    Gate(
        "the_limit_of_the_share_holds",
        "`limits.share`",
        (Change(MODEL, "share is None or share > self.share or", "share is None or share > self.share + 2 or"),),
    ),
    Gate(
        "up_to_holds",
        "`up_to`, while targets are collected and when the set is made",
        (
            Change(SELECTION, "    return list(rows[:up_to])", "    return list(rows)"),
            Change(
                SURVEY, "MOST_TARGETS if context.capacity or context.up_to is None else context.up_to", "MOST_TARGETS"
            ),
        ),
    ),
    Gate("a_run_takes_nothing_newer_than_its_survey", "the set of a run", NO_SET),
    Gate(
        "an_unusual_run_deletes_nothing",
        "`times_usual`",
        (Change(UNUSUAL, "    if len(last) < FEWEST_DAYS:", "    if len(last) > 0:"),),
    ),
    Gate("a_plan_is_all_that_its_purge_takes", "the set of a plan", NO_SET),
    Gate(
        "capacity_takes_only_what_is_too_much",
        "the surplus, when the set is made and in each slice",
        (
            Change(CAPACITY, "            amount -= row.size", "            amount -= 0"),
            Change(
                CAPACITY_GUARD, "if left is not None and left <= 0 else", "if left is not None and left < -9e99 else"
            ),
        ),
    ),
    Gate(
        "job_list_is_five_seconds_old_at_most",
        "the five seconds of the job list",
        (Change(LOOP, "UNWATCHED_FOR = 5.0", "UNWATCHED_FOR = 50.0"),),
    ),
    Gate(
        "listing_is_five_minutes_old_at_most",
        "the five minutes of a listing",
        (Change(LOOP, "STALE_AFTER = 300.0", "STALE_AFTER = 9_000.0"),),
    ),
    Gate(
        "a_target_is_listed_again_after_a_job_of_others",
        "the look after a job of others",
        (Change(LOOP, " or self._jobs.foreign_at >= target.listed_at - ROUNDING", ""),),
    ),
    Gate(
        "a_hold_stops_jobs_within_a_minute",
        "the look at the tags within a slice",
        (Change(WATCH, "        end_if(stopped_by(self._guardrails, tags, now))  # first", "        # first"),),
    ),
    Gate(
        "no_job_starts_outside_the_window",
        "the look at the window within a slice",
        (Change(WATCH, "            end_if(outside_window(self._guardrails, now))", "            pass"),),
    ),
    Gate(
        "no_job_starts_while_the_policy_file_pauses",
        "`pause`",
        (Change(PREFLIGHT, "if guardrails.pause else None", "if not guardrails else None"),),
    ),
    Gate(
        "one_job_follows_a_cancelled_job_at_most",
        "the look for cancelled jobs",
        (Change(PEOPLE, "        if not fresh:", "        if fresh or not fresh:"),),
    ),
    Gate(
        "an_entry_of_a_cancelled_job_stays_for_a_week",
        "`keep_cancelled`",
        (
            Change(
                JUDGE,
                "self.cancelled = guardrails.min_age, frozenset(cancelled)",
                "self.cancelled = guardrails.min_age, frozenset([''])",
            ),
        ),
    ),
    Gate(
        "a_cancelled_run_stops_within_a_minute",
        "the look for a cancelled run within a slice",
        (Change(WATCH, "        if self._is_cancelled():", "        if not self._bin:"),),
    ),
    Gate(
        "a_restore_is_waited_for",
        "the hour after a restore",
        (Change(MONITOR, "RESTORE_GRACE = 3_600.0", "RESTORE_GRACE = 0.0"),),
    ),
    Gate(
        "the_intent_is_logged_before_the_job",
        "the log's acknowledgement of the intent",
        (Change(ANNOUNCE, "        self._journal.put(\n", "        self._journal.note(\n"),),
    ),
    Gate(
        "every_deletion_is_explained",
        "the policy in the intent",
        (Change(ANNOUNCE, "            policy=verdict.policy,\n", ""),),
    ),
    Gate(
        "a_forged_message_starts_nothing",
        "the seal",
        (
            Change(
                WORKER,
                "self._services.seal().open(delivery.body)",
                "delivery.body[52:] if is_sealed(delivery.body) else delivery.body",
            ),
        ),
    ),
    Gate(
        "a_replayed_message_starts_nothing",
        "the search for duplicates",
        (
            Change(
                CHAIN,
                "        if not ended and not is_duplicate(records, message.slice_number, message.send_id):",
                "        if not ended or not is_duplicate(records, message.slice_number, message.send_id):",
            ),
        ),
    ),
)
