"""The walks of a run that only count: for the cut-offs of capacity rules, where there are any, and the survey."""

import copy
from collections.abc import Sequence
from dataclasses import replace

from functions.retention.audit import Journal
from functions.retention.core import Clock, EndReason, Listings, NoAnswer, RunOver, Throttled
from functions.retention.policy import Judge, Policy
from functions.retention.runs.context import RunContext, judge_for
from functions.retention.runs.message import THROTTLE_PAUSE, RunMessage
from functions.retention.runs.plan import Plan
from functions.retention.runs.preflight import count_stuck
from functions.retention.walk import (
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
        survey = Survey(
            prefetch,
            self._context.recents,
            judge_for(self._context, message),
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            tally=copy.deepcopy(message.tally),
            order=self._context.order,
            observer=self._observer,
        )
        after = self._walk_on(survey, prefetch)
        message = replace(self._reached(message, survey), tally=survey.tally, planned_jobs=survey.jobs)
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


def conclude(message: RunMessage, context: RunContext, journal: Journal) -> RunMessage:
    """The survey is complete: write the plan down, judge the limits, decide what goes first.

    Raises:
        RunOver: there is nothing to purge, or the run may not.
        CloudError: the log did not take the plan.
    """
    plan = Plan(message, context.file.guardrails.limits)
    journal.put("surveyed", **plan.record())
    if message.most_entries is not None and message.tally.selected > message.most_entries:
        more = f"{message.tally.selected} entries, the plan has {message.most_entries}"
        raise RunOver(EndReason.LIMITS_EXCEEDED, more)
    if plan.broken:
        raise RunOver(EndReason.LIMITS_EXCEEDED, "; ".join(plan.broken))
    if message.mode == "dry-run" or message.planned_jobs == 0:
        raise RunOver(EndReason.COMPLETED)
    walks = passes(context.order, message.tally.ranks, up_to=context.up_to)
    if has_capacity_rule(context.policies):
        walks = walks[-1:]  # what has to go took a walk to find out, and a run makes three at most
    return replace(
        message,
        phase="purge",
        cursor=None,
        listed=plan.listed,
        tally=Tally(),
        last_ranks=tuple(each.last for each in walks),
    )
