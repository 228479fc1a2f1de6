"""The walk of a run that only counts, and what becomes of its result: the plan, the set, the limits."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.retention.audit import Journal, RunLedger, as_json
from functions.retention.core import (
    Clock,
    EndReason,
    Entry,
    Listings,
    NoAnswer,
    RecycleBin,
    RunEnd,
    RunOver,
    Seal,
    Throttled,
    end_if,
    parse_service_time,
)
from functions.retention.policy import GlobWatch, Verdict
from functions.retention.runs.context import RunContext, judge_for
from functions.retention.runs.message import LONGEST_RUN, THROTTLE_PAUSE, RunMessage, Selection
from functions.retention.runs.plan import Plan, bin_size_of
from functions.retention.runs.preflight import count_stuck
from functions.retention.runs.selection import (
    first_survey,
    put_survey,
    read_parts,
    selection_in,
    walks_of,
    within,
    write_parts,
)
from functions.retention.runs.unusual import Amount, stop_if_unusual
from functions.retention.walk import (
    BIN_IS_BELOW,
    MOST_TARGETS,
    Collector,
    Prefetch,
    Row,
    Survey,
    SurveyObserver,
    Tally,
    payloads_of,
    reclaim,
    rows_of,
)


class SurveyPhase:
    """The counting walk of one slice.

    Args:
        listings: what is walked; several clients list side by side.
        context: what the slice works on.
        clock: time.
        deadline: epoch seconds after which nothing is begun.
        observer: sees what the survey sees.

    Attributes:
        collector: has the targets that this slice found.
    """

    def __init__(
        self,
        listings: Sequence[Listings],
        context: RunContext,
        *,
        clock: Clock,
        deadline: float,
        observer: SurveyObserver | None = None,
    ) -> None:
        self._listings, self._context = listings, context
        self._clock, self._deadline, self._observer = clock, deadline, observer
        needed = MOST_TARGETS if context.capacity or context.up_to is None else context.up_to
        self.collector = Collector(needed)

    def run(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        """Count on from a run's position.

        Returns:
            The position reached, and seconds until the next slice; None when all is counted.

        Raises:
            RunOver: the run has to end.
            CloudError: no listing succeeded at all.
        """
        prefetch = Prefetch(self._listings, self._clock)
        watch = glob_watch(message, self._context)
        survey = Survey(
            prefetch,
            self._context.recents,
            judge_for(self._context, message),
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            tally=copy.deepcopy(message.tally),
            order=self._context.order,
            failures=self._context.failures,
            observer=_Watching(watch, self._observer),
            collector=self.collector if is_listed(message, self._context) else None,
            capacity=self._context.capacity,
        )
        after = self._walk_on(survey, prefetch)
        message = replace(
            self._reached(message, survey), tally=survey.tally, planned_jobs=survey.jobs, globs_met=watch.met
        )
        return message, after

    def _reached(self, message: RunMessage, survey: Survey) -> RunMessage:
        progress = replace(message.progress, list_calls=message.progress.list_calls + survey.list_calls)
        progress = count_stuck(progress, moved=survey.list_calls > 0 and not survey.is_resuming)
        return replace(message, cursor=survey.cursor(), sees_inside=survey.sees_inside, progress=progress)

    def _walk_on(self, survey: Survey, prefetch: Prefetch) -> float | None:
        """Walk until all is counted (None) or the slice is over (seconds until the next one)."""
        prefetch.upcoming = survey.upcoming
        while not survey.finished:  # bounded: every step lists once or finishes something, and the deadline ends it
            now = self._clock.now()
            self._context.watch.check(now)
            if now >= self._deadline:
                return 0.0
            calls = survey.list_calls
            try:
                survey.step()
            except (Throttled, NoAnswer):
                if calls == 0:
                    raise
                return THROTTLE_PAUSE
        return None


def is_listed(message: RunMessage, context: RunContext) -> bool:
    """Whether a survey lists its targets: for a purge, a plan of a person, or a capacity rule that weighs them."""
    return message.mode == "enforce" or message.trigger == "console" or bool(context.capacity)


def note_active_job(message: RunMessage, recycle_bin: RecycleBin, clock: Clock) -> RunMessage:
    """The position before the survey of a run with a capacity rule: a job that runs now changes what it counts.

    Raises:
        CloudError: the job list cannot be had.
    """
    if recycle_bin.jobs().active is None:
        return message
    return replace(message, progress=replace(message.progress, others_at=clock.now()))


def glob_watch(message: RunMessage, context: RunContext) -> GlobWatch:
    """Which globs met something so far."""
    return GlobWatch(context.policies, context.protected, met=message.globs_met)


@dataclass(frozen=True, slots=True)
class _Watching:
    """Lets two see what a survey sees; a `SurveyObserver`."""

    globs: GlobWatch
    observer: SurveyObserver | None

    def see_page(self, directory: str, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> None:
        """See `SurveyObserver`."""
        self.globs.see_page(directory, entries)
        if self.observer is not None:
            self.observer.see_page(directory, entries, verdicts)

    def see_left_out(self, directory: str, verdict: Verdict | None) -> None:
        """See `SurveyObserver`."""
        self.globs.see_left_out(directory)
        if self.observer is not None:
            self.observer.see_left_out(directory, verdict)


def set_aside(message: RunMessage, collector: Collector, journal: Journal) -> RunMessage:
    """Write down the targets found so far, for the next slice.

    Raises:
        CloudError: the log did not take them.
    """
    return replace(message, collected=write_parts(journal, collector.payloads(), message.collected))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a complete survey comes to.

    Attributes:
        plan: its totals.
        rows: the targets of the run's set, in order.
    """

    plan: Plan
    rows: Sequence[Row]


def decide(message: RunMessage, context: RunContext, rows: Sequence[Row]) -> Decision:
    """Decide what capacity rules take, and count it.

    Args:
        message: the position at the end of the survey.
        context: what the slice works on.
        rows: all targets that were collected, in order.
    """
    tally, limits = copy.deepcopy(message.tally), context.file.guardrails.limits
    bin_size = bin_size_of(tally, context.state.attributes)
    rules = {} if _is_doubtful(message) else context.capacity
    rows, capacity = reclaim(rows, rules, bin_size, tally.size)
    names = {rule.number: policy for policy, rule in rules.items()}
    taken = [row for row in rows[:MOST_TARGETS] if row.rule]
    for row in taken:
        entries = row.entries + 1
        tally.kept[BIN_IS_BELOW] -= entries
        tally.select(names[row.rule], row.size or 0, entries)  # each size is known, see `walk.reclaim`
    jobs, kept = message.planned_jobs + len(taken), tally.kept.total()
    message = replace(message, tally=tally, planned_jobs=jobs, due=tally.selected, kept=kept)
    rows = rows[:MOST_TARGETS]
    if context.up_to is not None:
        rows = within(rows, limits, up_to=context.up_to, bin_size=bin_size.bytes)
    return Decision(Plan(message, limits, context.state.attributes, len(rows), capacity), rows)


def _is_doubtful(message: RunMessage) -> bool:
    """Whether a survey counted while a job ran, and nobody looks again; a purge looks before each job."""
    return message.mode == "dry-run" and message.progress.others_at is not None


@dataclass(frozen=True, slots=True)
class SurveyEnd:
    """What a complete survey is written down with.

    Attributes:
        journal: for records.
        ledger: what the log says of the run.
        seal: makes the record count.
        clock: time.
    """

    journal: Journal
    ledger: RunLedger
    seal: Seal
    clock: Clock

    def record(self, decision: Decision, context: RunContext, survey_only: RunEnd | None = None) -> Plan:
        """Write down the set, where a run may take it, and the plan, with why nobody may carry it out.

        Raises:
            CloudError: the log did not take it.
        """
        plan = decision.plan
        if has_set(plan) and survey_only is None:
            plan = replace(plan, message=replace(plan.message, selection=self._write_set(decision, context)))
        policies = ", ".join(policy.name for policy in context.policies)
        globs = as_json(glob_watch(plan.message, context).summary())
        fields = {**plan.record(), "policies": policies, "globs": globs}
        if survey_only is not None:
            fields |= {"reason": survey_only.reason, "detail": survey_only.detail}
        put_survey(self.journal, self.seal, fields)
        return plan

    def _write_set(self, decision: Decision, context: RunContext) -> Selection:
        message, rows = decision.plan.message, decision.rows
        head = write_parts(self.journal, payloads_of(rows))
        return Selection(head, message.run, _began_at(message), walks_of(rows, context.order, context.canary))

    def decide(self, message: RunMessage, context: RunContext, collector: Collector) -> Decision:
        """The survey is complete: decide by the targets that this slice and those before it found.

        Raises:
            RunOver: the log does not show what was written down.
            NoAnswer: the log does not answer.
        """
        earlier = read_parts(self.ledger, message.collected, run=message.run, since=_began_at(message))
        return decide(message, context, rows_of([*earlier, *collector.payloads()]))

    def conclude(self, decision: Decision, context: RunContext, *, survey_only: RunEnd | None) -> RunMessage:
        """Write the plan and the set down, and go on with what the log shows first.

        Args:
            decision: what the survey comes to.
            context: what the slice works on.
            survey_only: the end of a run that may not purge; None when it may.

        Raises:
            RunOver: there is nothing to purge, or the run may not.
            CloudError: the log did not answer, or did not take the plan.
        """
        is_enforcing = decision.plan.message.mode == "enforce"
        if is_enforcing:
            survey_only = survey_only or self.unusual(decision.plan, context)
        plan = self.record(decision, context, survey_only)
        end_if(survey_only)
        if is_enforcing:
            return self._adopt_first(plan)
        if plan.broken:
            raise RunOver(EndReason.LIMITS_EXCEEDED, "; ".join(plan.broken))
        raise RunOver(EndReason.COMPLETED)

    def unusual(self, plan: Plan, context: RunContext) -> RunEnd | None:
        """The end of a run that selects far more than usual; None of one that breaks a limit, which says more.

        Raises:
            NoAnswer: the log does not say what is usual.
        """
        if plan.broken:
            return None
        tally, run, now = plan.message.tally, plan.message.run, self.clock.now()
        selected = Amount(tally.selected, tally.size)
        return stop_if_unusual(self.ledger, self.seal, context.file.guardrails, selected, run=run, now=now)

    def _adopt_first(self, plan: Plan) -> RunMessage:
        """Go on with the survey of this run that the log shows first, whichever copy of the run made it."""
        record = first_survey(self.ledger, self.seal, self.clock, plan.id)
        if record.get("detail"):
            named = (each for each in EndReason if each == record.get("reason"))
            raise RunOver(next(named, EndReason.LIMITS_EXCEEDED), record["detail"])
        selection = selection_in(record)
        if selection is None or selection.walks[-1] == 0:
            raise RunOver(EndReason.COMPLETED)
        as_of = parse_service_time(record.get("as_of", "")) or plan.message.as_of
        message = replace(plan.message, as_of=min(as_of, plan.message.as_of), selection=selection)
        return replace(message, phase="purge", cursor=None, tally=Tally(), collected="")


def has_set(plan: Plan) -> bool:
    """Whether a set is written down with a plan: for a run that purges, or for a plan that a person may let go."""
    message = plan.message
    if plan.broken or message.mode == "enforce":
        return not plan.broken
    return message.trigger == "console" and plan.beyond_set is None


def _began_at(message: RunMessage) -> float:
    return message.not_after - LONGEST_RUN
