"""One slice of one run: from its message to its continuation or its end.

A run counts first and then deletes, each in a chain of slices. A slice begins by making sure that it is the one to do
it, and that its run may go on; it ends by handing over, or by a record that says why the run is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.retention.audit import (
    PERSON_GRACE,
    RECENT,
    AliveRun,
    Cancels,
    Journal,
    RunLedger,
    alive_until,
    cancels_in,
    superseded_by,
)
from functions.retention.core import (
    CloudError,
    DryRunBin,
    EndReason,
    NoAnswer,
    PolicyError,
    Refused,
    RunEnd,
    RunOver,
    Throttled,
    end_if,
    format_service_time,
)
from functions.retention.jobs import CANCELLED, Watch, outside_window, reconcile, stop_at_rest
from functions.retention.policy import TagEffect, effect_of, narrow, protected_on
from functions.retention.runs.chain import Chain, common_fields
from functions.retention.runs.context import Report, RunContext, SliceServices, policies_of, without_capacity_rules
from functions.retention.runs.failing import APART, FORGOTTEN_AFTER, TRIES, FailingThings, failing_in
from functions.retention.runs.message import LONGEST_RUN, THROTTLE_PAUSE, RunMessage
from functions.retention.runs.preflight import (
    MAX_SLICES,
    check_message,
    check_progress,
    look_at_file_system,
    stop_if_no_policy,
)
from functions.retention.runs.purge_phase import PurgePhase
from functions.retention.runs.run_counts import end_of
from functions.retention.runs.service_wait import is_of_bin, wait_for
from functions.retention.runs.survey_phase import SurveyEnd, SurveyPhase, note_active_job, set_aside
from functions.retention.runs.tag_history import must_only_survey, sealed_look
from functions.retention.walk import Recents, fetch

LONGEST_WAIT = 86_400.0
"""Seconds beyond its own time that a run waits for its last job."""

BEFORE_RUN = 100_000.0
"""Seconds, a bit more than a day, for which the first slice of a run looks for intents that others left open. Later
slices look at those of the last ten minutes, which need no index."""

MORE_WALKS = TRIES - 1
"""Walks of a purge beyond those that its order needs. They try again what failed."""


class RunSlice:
    """One slice.

    Args:
        message: the run's position.
        services: what to work with.
    """

    def __init__(self, message: RunMessage, services: SliceServices) -> None:
        self._message, self._services, self._clock = message, services, services.clock
        self._received = message
        self._bin = services.recycle_bin if message.mode == "enforce" else DryRunBin(services.recycle_bin)
        self._journal = Journal(
            services.audit, services.clock, services.rng, common_fields(message, services.request_id)
        )
        self._began_at = message.not_after - LONGEST_RUN
        self._ledger = RunLedger(
            services.audit, message.run, message.file_system, self._began_at, request=services.request_id
        )
        self._failing: FailingThings | None = None
        self._chain = Chain(services, self._journal, self._ledger)

    def work(self) -> Report:
        """Do it.

        Raises:
            CloudError: what is needed to go on, or to say that the run is over, cannot be had.
        """
        duplicate = self._chain.stop_if_duplicate(self._message)
        if duplicate is not None:
            return duplicate
        try:
            return self._go_on() if self._message.stopping is None else self._wait_for_last_job(self._message.stopping)
        except RunOver as over:
            return self._end_or_wait(over.end)
        except (Refused, PolicyError) as error:
            return self._end_or_wait(RunEnd(EndReason.REFUSED, str(error)))
        except (NoAnswer, Throttled) as error:
            if not is_of_bin(error):
                raise
            return self._wait_for_service(error)

    def _wait_for_service(self, error: CloudError) -> Report:
        """Try this very slice again later; in the end, end the run without looking at its last job."""
        try:
            message, after = wait_for(self._received, error, self._clock.now())
        except RunOver as over:
            return self._end(over.end)
        return self._chain.wait(message, after, error)

    def _go_on(self) -> Report:
        context = self._look()
        if self._message.phase != "purge":
            if self._message.cursor is None and context.capacity:
                self._message = note_active_job(self._message, self._bin, self._clock)
            surveying = SurveyPhase(
                [self._bin, *self._services.more_listings()],
                context,
                clock=self._clock,
                deadline=self._services.deadline,
            )
            self._message, after = surveying.run(self._message)
            if after is not None:
                check_progress(self._message.progress)
                self._message = set_aside(self._message, surveying.collector, self._journal)
                return self._chain.hand_over(self._message, after)
            if (again := self._count_again()) is not None:
                return self._chain.hand_over(self._message, again)
            end = SurveyEnd(self._journal, self._ledger, self._services.seal, self._clock)
            decision = end.decide(self._message, context, surveying.collector)
            self._message = decision.plan.message
            self._message = end.conclude(decision, context, survey_only=self._survey_only(context))
            return self._chain.hand_over(self._message, 0.0)  # a copy of this slice may choose another set until then
        return self._purge(context)

    # Whether the run may go on.

    def _look(self) -> RunContext:
        """What the slice works on.

        Raises:
            RunOver: the run may not go on.
        """
        message, file, now = self._message, self._services.file, self._clock.now()
        check_message(message, file, now)
        state = look_at_file_system(self._bin, file.guardrails, self._clock)
        cancels = self._check_log(now)
        self._check_tags(state.tags)
        narrowed = narrow(file, message.narrowing, now=now)
        moments = (message.as_of, state.service_time, narrowed.as_of)
        message = self._message = replace(self._message, as_of=min(moment for moment in moments if moment is not None))
        policies, deployed = policies_of(message, narrowed, state), policies_of(message, file, state)
        policies = without_capacity_rules(policies, deployed, message.narrowing)
        end_if(stop_if_no_policy(policies, message.file_system, message.mode))
        self._failing = self._failures(now)
        return RunContext(
            file=narrowed,
            policies=policies,
            protected=protected_on(file.guardrails.protect, message.file_system, state.tags),
            state=state,
            recents=Recents(fetch(self._bin.recent_directories)),
            watch=self._watch(now),
            now=now,
            failures=self._failing,
            up_to=narrowed.up_to,
            cancelled=cancels.kept(now, file.guardrails.keep_cancelled),
        )

    def _check_tags(self, tags: Mapping[str, str]) -> None:
        """Record the tags that matter, and let the run go on if the same follows from them as when it began.

        Raises:
            RunOver: something else follows.
        """
        changed, now = self._changed(tags), self._clock.now()
        self._journal.put("started", alive_until=round(alive_until(now)), **self._of_tags(tags))
        end_if(changed)
        self._message = replace(self._message, tag_effect=self._effect(tags).digest)

    def _effect(self, tags: Mapping[str, str]) -> TagEffect:
        message = self._message
        narrowed = narrow(self._services.file, message.narrowing, now=self._clock.now())
        return effect_of(narrowed, message.file_system, tags)

    def _of_tags(self, tags: Mapping[str, str]) -> dict[str, str]:
        """Fields of a record about the tags."""
        file, file_system, seal = self._services.file, self._message.file_system, self._services.seal
        look = sealed_look(seal, file, file_system, tags, self._clock.now())
        return {"policies": ", ".join(self._effect(tags).policies), "tags": look}

    def _changed(self, tags: Mapping[str, str]) -> RunEnd | None:
        effect = self._effect(tags)
        if self._message.tag_effect in ("", effect.digest):
            return None
        self._journal.note("tags-changed", **self._of_tags(tags))
        self._journal.flush()
        what = f"by the file system's tags, these policies apply now: {', '.join(effect.policies) or 'none'}"
        paths = ", ".join(sorted(rule.glob for rule in effect.protected)) or "none"
        return RunEnd(EndReason.POLICY_CHANGED, f"{what}; and these paths are protected: {paths}")

    def _failures(self, now: float) -> FailingThings:
        """What failed on the file system, for this slice.

        Raises:
            NoAnswer: the log does not say what an enforcing run set aside.
        """
        message = self._message
        records = self._ledger.failing(now - FORGOTTEN_AFTER)
        if records is None and message.mode == "enforce":
            raise NoAnswer("GetLogs", "Unknown", "the log does not say what is set aside")
        return FailingThings(
            failing_in(records or ()),
            self._journal,
            self._clock,
            run=message.run,
            walk_began=message.progress.walk_began or self._began_at - APART,
            deadline=self._services.deadline,
            is_last=message.phase == "purge" and message.progress.walks >= message.walks,
        )

    def _count_again(self) -> float | None:
        """Seconds until all is counted once more, since something failed that may be tried again; None: not at all.

        Raises:
            CloudError: the log did not take what is set aside.
        """
        progress, failing = self._message.progress, self._failing
        if failing is None:
            return None
        if progress.recounts >= TRIES:
            failing.close()
            return None
        again_at = failing.again_at()
        if again_at is None and not failing.try_set_aside(self._bin):
            return None
        self._message = self._message.counting_anew(self._clock.now())
        return max((again_at or 0.0) - self._clock.now(), 0.0)

    def _survey_only(self, context: RunContext) -> RunEnd | None:
        message, now = self._message, self._clock.now()
        if message.mode == "dry-run":
            return None
        tags, seal = context.state.tags, self._services.seal
        return must_only_survey(self._ledger, seal, context.file, message.file_system, tags=tags, now=now)

    def _watch(self, now: float) -> Watch:
        return Watch(
            self._bin,
            self._services.file.guardrails,
            looked_at=now,
            enforcing=self._message.mode == "enforce",
            is_cancelled=self._ledger.is_cancelled,
            changed=self._changed,
        )

    def _check_log(self, now: float) -> Cancels:
        """Let the run go on as far as people, the window and other runs do. What people cancelled here.

        Raises:
            RunOver: the run has to end.
            NoAnswer: the log does not say whether a person stopped an enforcing run or its file system.
        """
        message = self._message
        is_cancelled = self._ledger.is_cancelled()
        cancels = self._ledger.cancels(now - max(PERSON_GRACE, self._services.file.guardrails.keep_cancelled))
        if is_cancelled:
            end_if(CANCELLED)
        if message.mode != "enforce":
            return cancels or cancels_in([])
        if is_cancelled is None or cancels is None:
            raise NoAnswer("GetLogs", "Unknown", "the log does not say whether a person stopped the run")
        end_if(outside_window(self._services.file.guardrails, now))
        end_if(stop_at_rest(cancels.rests_until, now))
        as_of = format_service_time(message.as_of)
        mine = AliveRun(message.run, message.trigger, message.digest, message.file_system, as_of)
        others = self._ledger.others_alive(now) or ()  # two runs at once share one job slot, each keeps its limits
        end_if(self._reconcile(now, others))
        other = superseded_by(mine, others)
        if other is not None:
            raise RunOver(EndReason.SUPERSEDED, f"run {other.run} works on it")
        return cancels

    def _reconcile(self, now: float, others: Sequence[AliveRun]) -> RunEnd | None:
        """Settle what slices of this and other runs left open. Those of runs at work settle their own."""
        message = self._message
        spared = {other.run for other in others if other.run != message.run}
        spared |= {intent.client_token for intent in self._chain.open_intents}
        if message.running is not None:
            spared.add(message.running.client_token)
        since = now - (RECENT if message.slice_number else BEFORE_RUN)
        return reconcile(self._bin, self._ledger, self._journal, self._clock, since=since, spared=spared)

    # Deleting, and the end.

    def _purge(self, context: RunContext) -> Report:
        self._message, after = self._purge_phase().run(self._message, context)
        check_progress(self._message.progress)
        return self._hand_over_or_finish(after)

    def _purge_phase(self) -> PurgePhase:
        return PurgePhase(
            self._bin,
            self._services,
            self._journal,
            self._ledger,
            began_at=self._began_at,
            open_intents=self._chain.open_intents,
            announced=self._chain.announced,
        )

    def _hand_over_or_finish(self, after: float | None) -> Report:
        return self._chain.hand_over(self._message, after) if after is not None else self._finish()

    def _finish(self) -> Report:
        """Nothing is left of this walk and nothing runs: walk once more where that is due, or end."""
        message, progress = self._message, self._message.progress
        walked = progress.walks + 1
        ordered = walked < message.walks
        again_at = self._failing.again_at() if self._failing is not None else None
        has_failed = bool(progress.unretried or progress.deferred) or again_at is not None
        if message.stopping is None and (ordered or (has_failed and walked < message.walks + MORE_WALKS)):
            progress = replace(progress, unretried=0, deferred=0, walks=walked, walk_began=self._clock.now())
            self._message = replace(message, cursor=None, progress=progress)
            wait = max((again_at or 0.0) - self._clock.now(), THROTTLE_PAUSE)
            return self._chain.hand_over(self._message, 0.0 if ordered else wait)
        if self._failing is not None:
            self._failing.close()
        return self._end(message.stopping or self._true_end())

    def _true_end(self) -> RunEnd:
        """The end of a run that dealt with all it could."""
        return end_of(self._message, self._failing.set_aside() if self._failing is not None else {})

    def _end(self, stop: RunEnd) -> Report:
        return self._chain.end(self._message, stop, self._failing.set_aside() if self._failing is not None else None)

    def _wait_for_last_job(self, stop: RunEnd) -> Report:
        """Wait on, but not for a job that never ends."""
        late = self._clock.now() > self._message.not_after + LONGEST_WAIT or self._message.slice_number > MAX_SLICES
        return self._chain.end(self._message, stop) if late else self._wait_on()

    def _wait_on(self) -> Report:
        self._message, after = self._purge_phase().wait(self._message)
        return self._hand_over_or_finish(after)

    def _end_or_wait(self, stop: RunEnd) -> Report:
        """End the run; if a job of its still runs, wait for it first, submitting nothing more."""
        if stop.reason is EndReason.COMPLETED:
            stop = self._true_end()
        if self._message.running is None or self._message.stopping is not None:
            return self._end(stop)
        self._message = replace(self._message, stopping=stop)
        return self._wait_on()
