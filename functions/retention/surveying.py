"""The walks of a run that only count: for the cut-offs of capacity rules, where there are any, and the survey."""

import copy
from collections.abc import Mapping
from dataclasses import replace

from functions.retention.capacity import WeighingJudge, Weights, cut_offs, has_capacity_rule
from functions.retention.clock import Clock
from functions.retention.errors import NoAnswer, Throttled
from functions.retention.journal import Journal
from functions.retention.judge import Judge
from functions.retention.message import REST, RunMessage
from functions.retention.order import passes
from functions.retention.plan import Plan
from functions.retention.policy import Policy
from functions.retention.recycle_bin import RecycleBin
from functions.retention.scene import Scene
from functions.retention.stop import RunOver, Stop
from functions.retention.survey import Survey, Tally


class Surveying:
    """The counting walks of one slice.

    Args:
        recycle_bin: what is walked.
        scene: what the slice works on.
        deployed: the policies the run would carry out were it not narrowed.
        journal: for the plan.
        clock: time.
        deadline: epoch seconds after which nothing is begun.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        scene: Scene,
        deployed: tuple[Policy, ...],
        *,
        journal: Journal,
        clock: Clock,
        deadline: float,
    ) -> None:
        self._bin, self._scene, self._deployed = recycle_bin, scene, deployed
        self._journal, self._clock, self._deadline = journal, clock, deadline

    def run(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        """Count on from a run's position.

        Returns:
            The position reached, and seconds until the next slice; None when the purge may begin.

        Raises:
            RunOver: there is nothing to purge, or the run may not.
            CloudError: no listing succeeded at all, or the log did not take the plan.
            ListsRecursively: see `Walk`.
        """
        if message.phase == "survey" and message.cursor is None and self._must_weigh(message):
            message = replace(message, phase="capacity")
        if message.phase == "capacity":
            message, after = self._weigh(message)
            if after is not None:
                return message, after
        if message.phase == "survey":
            message, after = self._count(message)
            if after is not None:
                return message, after
            message = self._conclude(message)
        return message, None

    def _must_weigh(self, message: RunMessage) -> bool:
        return message.cut_offs is None and has_capacity_rule(self._deployed)

    def _weigh(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        """Find the cut-offs of capacity rules."""
        weights = copy.deepcopy(message.weights)
        guardrails = self._scene.file.guardrails
        judge = WeighingJudge(self._deployed, guardrails, as_of=message.as_of, now=self._scene.now, weights=weights)
        survey = Survey(
            self._bin, self._scene.recents, judge, cursor=message.cursor, sees_inside=message.sees_inside
        )
        after = self._walk_on(survey)
        message = self._reached(replace(message, weights=weights), survey)
        if after is not None:
            return message, after
        resolved = cut_offs(self._deployed, weights, self._scene.state.attributes.size)
        return replace(message, phase="survey", cursor=None, weights=Weights(), cut_offs=resolved), None

    def _count(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        survey = Survey(
            self._bin,
            self._scene.recents,
            judge_for(self._scene, message),
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            tally=copy.deepcopy(message.tally),
            order=self._scene.order,
        )
        after = self._walk_on(survey)
        message = replace(self._reached(message, survey), tally=survey.tally, planned_jobs=survey.jobs)
        return message, after

    def _reached(self, message: RunMessage, survey: Survey) -> RunMessage:
        progress = replace(message.progress, list_calls=message.progress.list_calls + survey.list_calls)
        return replace(message, cursor=survey.cursor(), sees_inside=survey.sees_inside, progress=progress)

    def _walk_on(self, survey: Survey) -> float | None:
        """Walk until all is counted (None) or the slice is over (seconds until the next one)."""
        while not survey.finished:  # bounded: every step lists once or finishes something, and the deadline ends it
            now = self._clock.now()
            stop = self._scene.watch.stop(now)
            if stop is not None:
                raise RunOver(stop)
            if now >= self._deadline:
                return 0.0
            calls = survey.list_calls
            try:
                survey.step()
            except (Throttled, NoAnswer):
                if calls == 0:
                    raise
                return REST
        return None

    def _conclude(self, message: RunMessage) -> RunMessage:
        """The survey is complete: write the plan down, judge the limits, decide what goes first."""
        limits, up_to = self._scene.file.guardrails.limits, self._scene.up_to
        plan = Plan(
            message.digest,
            message.file_system,
            message.as_of,
            message.narrowing,
            message.tally,
            message.planned_jobs,
            limits,
        )
        self._journal.put("surveyed", **plan.record(), list_calls=message.progress.list_calls)
        broken = plan.broken if up_to is None else ()
        if broken:
            raise RunOver(Stop("limits-exceeded", "; ".join(broken)))
        if message.mode == "dry-run" or message.planned_jobs == 0:
            raise RunOver(Stop("completed"))
        walks = passes(self._scene.order, message.tally.ranks, up_to=up_to)
        return replace(
            message,
            phase="purge",
            cursor=None,
            listed=plan.listed,
            tally=Tally(),
            last_ranks=tuple(each.last for each in walks),
        )


def judge_for(scene: Scene, message: RunMessage) -> Judge:
    """The judge of a run whose capacity cut-offs are known."""
    resolved: Mapping[str, float] = message.cut_offs or {}
    if not resolved:
        return scene.judge
    guardrails = scene.file.guardrails
    return Judge(scene.policies, guardrails, as_of=message.as_of, now=scene.now, capacity_cut_offs=resolved)


