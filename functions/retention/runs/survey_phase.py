"""The walks of a run that only count: for the cut-offs of capacity rules, where there are any, and the survey."""

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
    RunEnd,
    RunOver,
    Seal,
    Throttled,
    end_if,
    parse_service_time,
)
from functions.retention.policy import GlobWatch, Judge, Policy, Verdict
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
    MOST_TARGETS,
    Collector,
    Prefetch,
    Survey,
    SurveyObserver,
    Tally,
    Weigher,
    Weights,
    all_they_may,
    cut_offs,
    has_capacity_rule,
    passes,
    payloads_of,
    rows_of,
)


class SurveyPhase:
    """The counting walks of one slice.

    Args:
        listings: what is walked; several clients list side by side.
        context: what the slice works on.
        deployed: the policies the run would carry out were it not narrowed.
        clock: time.
        deadline: epoch seconds after which nothing is begun.
        observer: sees what the survey sees, but not the walk that weighs for capacity rules.

    Attributes:
        collector: has the targets that this slice found.
    """

    def __init__(
        self,
        listings: Sequence[Listings],
        context: RunContext,
        deployed: tuple[Policy, ...],
        *,
        clock: Clock,
        deadline: float,
        observer: SurveyObserver | None = None,
    ) -> None:
        self._listings, self._context, self._deployed = listings, context, deployed
        self._clock, self._deadline, self._observer = clock, deadline, observer
        self.collector = Collector(context.up_to or MOST_TARGETS)

    def run(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        """Count on from a run's position.

        Returns:
            The position reached, and seconds until the next slice; None when all is counted.

        Raises:
            RunOver: the run has to end.
            CloudError: no listing succeeded at all.
        """
        if message.phase == "survey" and message.cursor is None and self._must_weigh(message):
            message = replace(message, phase="capacity")
        if message.phase == "capacity":
            message, after = self._weigh(message)
            if after is not None:
                return message, after
        return self._count(message)

    def _must_weigh(self, message: RunMessage) -> bool:
        return message.cut_offs is None and has_capacity_rule(self._deployed)

    def _weigh(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        """Find the cut-offs of capacity rules."""
        weights = copy.deepcopy(message.weights)
        context = self._context
        prefetch = Prefetch(self._listings, self._clock)
        survey = Survey(
            prefetch,
            context.recents,
            Judge(
                self._deployed,
                context.file.guardrails,
                as_of=message.as_of,
                now=context.now,
                protected=context.protected,
                capacity_cut_offs=all_they_may(self._deployed, context.now),
                cancelled=context.cancelled,
            ),
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            observer=Weigher(self._deployed, weights),
        )
        after = self._walk_on(survey, prefetch)
        message = self._reached(replace(message, weights=weights), survey)
        if after is not None:
            return message, after
        resolved = cut_offs(self._deployed, weights, self._context.state.attributes.size)
        return replace(message, phase="survey", cursor=None, weights=Weights(), cut_offs=resolved), None

    def _count(self, message: RunMessage) -> tuple[RunMessage, float | None]:
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
            observer=_Watching(watch, self._observer),
            collector=self.collector if is_listed(message) else None,
        )
        after = self._walk_on(survey, prefetch)
        message = replace(
            self._reached(message, survey), tally=survey.tally, planned_jobs=survey.jobs, globs_met=watch.met
        )
        return message, after

    def _reached(self, message: RunMessage, survey: Survey) -> RunMessage:
        progress = replace(message.progress, list_calls=message.progress.list_calls + survey.list_calls)
        progress = count_stuck(progress, is_resuming=survey.is_resuming, list_calls=survey.list_calls)
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


def is_listed(message: RunMessage) -> bool:
    """Whether a survey lists its targets: one that a purge follows, or that a person may let go as a plan."""
    return message.mode == "enforce" or message.trigger == "console"


def set_aside(message: RunMessage, collector: Collector, journal: Journal) -> RunMessage:
    """Write down the targets found so far, for the next slice.

    Raises:
        CloudError: the log did not take them.
    """
    return replace(message, collected=write_parts(journal, collector.payloads(), message.collected))


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

    def record(
        self, message: RunMessage, context: RunContext, collector: Collector, survey_only: RunEnd | None = None
    ) -> Plan:
        """Write down the set, where the run takes one, and the plan, with why nobody may carry it out.

        Raises:
            RunOver: the log does not show what an earlier slice wrote down.
            CloudError: the log did not answer, or did not take it.
        """
        limits = context.file.guardrails.limits
        if must_have_set(message, context):
            message = replace(message, selection=self._write_set(message, context, collector))
        plan = Plan(message, limits, context.state.attributes)
        policies = ", ".join(policy.name for policy in context.policies)
        globs = as_json(glob_watch(message, context).summary())
        fields = {**plan.record(), "policies": policies, "globs": globs}
        if survey_only is not None:
            fields["detail"] = survey_only.detail
        put_survey(self.journal, self.seal, fields)
        return plan

    def _write_set(self, message: RunMessage, context: RunContext, collector: Collector) -> Selection:
        since = self._began_at(message)
        earlier = read_parts(self.ledger, message.collected, run=message.run, since=since)
        rows = rows_of([*earlier, *collector.payloads()])[:MOST_TARGETS]
        if context.up_to is not None:
            bin_size = bin_size_of(message.tally, context.state.attributes).bytes
            rows = within(rows, context.file.guardrails.limits, up_to=context.up_to, bin_size=bin_size)
        head = write_parts(self.journal, payloads_of(rows))
        return Selection(head, message.run, since, walks_of(rows, context.order, context.canary))

    def _began_at(self, message: RunMessage) -> float:
        return message.not_after - LONGEST_RUN

    def conclude(
        self, message: RunMessage, context: RunContext, collector: Collector, *, survey_only: RunEnd | None
    ) -> RunMessage:
        """The survey is complete: write the plan down, judge the limits, decide what goes first.

        Args:
            message: the position reached.
            context: what the slice works on.
            collector: has the targets that this slice found.
            survey_only: the end of a run that may not purge; None when it may.

        Raises:
            RunOver: there is nothing to purge, or the run may not.
            CloudError: the log did not answer, or did not take the plan.
        """
        if message.mode == "enforce":
            survey_only = survey_only or self.unusual(message, context)
        plan = self.record(message, context, collector, survey_only)
        end_if(survey_only)
        if plan.message.selection is not None and message.mode == "enforce":
            return self._adopt_first(plan)
        if plan.broken:
            raise RunOver(EndReason.LIMITS_EXCEEDED, "; ".join(plan.broken))
        if message.mode == "dry-run" or message.planned_jobs == 0:
            raise RunOver(EndReason.COMPLETED)
        walks = passes(context.order, message.tally.ranks)
        if has_capacity_rule(context.policies):
            walks = walks[-1:]  # what has to go took a walk to find out, and a run makes three at most
        return _purging(message, plan.bin_size.bytes, last_ranks=tuple(each.last for each in walks))

    def unusual(self, message: RunMessage, context: RunContext) -> RunEnd | None:
        """The end of a run that selects far more than usual; None of one that breaks a limit, which says more.

        Raises:
            NoAnswer: the log does not say what is usual.
        """
        guardrails = context.file.guardrails
        if Plan(message, guardrails.limits, context.state.attributes).broken:
            return None
        selected, now = Amount(message.tally.selected, message.tally.size), self.clock.now()
        return stop_if_unusual(self.ledger, self.seal, guardrails, selected, run=message.run, now=now)

    def _adopt_first(self, plan: Plan) -> RunMessage:
        """Go on with the survey of this run that the log shows first, whichever copy of the run made it."""
        record = first_survey(self.ledger, self.seal, self.clock, plan.id)
        if record.get("detail"):
            raise RunOver(EndReason.LIMITS_EXCEEDED, record["detail"])
        selection = selection_in(record)
        if selection is None or selection.walks[-1] == 0:
            raise RunOver(EndReason.COMPLETED)
        as_of = parse_service_time(record.get("as_of", "")) or plan.message.as_of
        message = replace(plan.message, as_of=min(as_of, plan.message.as_of), selection=selection)
        return _purging(message, int(record["bin_bytes"]))


def must_have_set(message: RunMessage, context: RunContext) -> bool:
    """Whether a run may take only what it names: a plan, or a run that has to stop after some of what it selects."""
    limit = context.file.guardrails.limits.jobs
    is_bounded = context.up_to is not None or context.canary > 0
    is_close = limit != "unlimited" and message.tally.selected > limit
    if message.mode == "enforce":
        return is_bounded or is_close
    return is_listed(message) and (context.up_to is not None or message.planned_jobs <= MOST_TARGETS)


def _purging(message: RunMessage, bin_size: int, last_ranks: tuple[int | None, ...] = ()) -> RunMessage:
    return replace(
        message, phase="purge", cursor=None, bin_size=bin_size, tally=Tally(), collected="", last_ranks=last_ranks
    )
