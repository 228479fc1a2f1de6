"""The promises, one function each; docs/promises.md names them.

A function gets the environment and a deletion job that is just being created. It returns what breaks the promise,
or "".
All judge by the state of that moment, and none asks code of the functions.
"""

from collections.abc import Callable, Iterator, Mapping

from functions.retention.core.entry import Entry
from functions.retention.core.service_time import parse_service_time
from tests.stateful.environment import Creation, Environment
from tests.stateful.rules import CAPACITY, DAY, HOUR

Promise = Callable[[Environment, Creation], str]

FIVE_SECONDS = 5.0
MINUTE = 60.0
FIVE_MINUTES = 300.0
WEEK = 7.0 * DAY
GIB, FEWEST_DAYS = 1 << 30, 3
ROUNDING = 1.0
"""Seconds by which a DeleteTime and a creation time are cut."""


def nothing_outside_the_policies_goes(_: Environment, creation: Creation) -> str:
    """Every entry that goes is selected by the deployed policy that enforces."""
    wrong = [path for each, path in _known(creation) if not creation.rules.selects(path, _age(each, creation))]
    return f"not selected: {', '.join(wrong)}" if wrong else ""


def nothing_protected_goes(_: Environment, creation: Creation) -> str:
    """No entry that goes is protected."""
    wrong = [path for _, path in creation.entries if creation.rules.protects(path)]
    return f"protected: {', '.join(wrong)}" if wrong else ""


def what_the_tag_protects_stays(environment: Environment, creation: Creation) -> str:
    """Nothing goes that is below a path which the tag has protected for more than a minute."""
    since, where = next(each for each in reversed(environment.tag_protects) if each[0] <= creation.asked_at)
    wrong = _below(where, creation) if creation.asked_at - since > MINUTE else []
    return f"protected by the tag since {since}: {', '.join(wrong)}" if wrong else ""


def a_tag_lets_nothing_more_go_for_a_day(environment: Environment, creation: Creation) -> str:
    """Nothing goes that the tag protected when a slice looked within the day before the run's survey.

    A look counts when the tag was as it is for two minutes: so nobody has to know when exactly the slice asked. The
    plan that a person lets go is not held up.
    """
    records = environment.log.records
    surveyed = next((at for at, each in records if _is_survey(each, creation.run)), None)
    if surveyed is None or creation.run in environment.plans:
        return ""
    looks = [at for at, each in records if each["event"] == "started" and surveyed - DAY < at <= surveyed]
    for since, until, where in _spans(environment):
        if where and any(since + 2 * MINUTE < at < until for at in looks) and (wrong := _below(where, creation)):
            return f"protected by the tag from {since} to {until}: {', '.join(wrong)}"
    return ""


def _spans(environment: Environment) -> Iterator[tuple[float, float, str]]:
    """From when until when the tag protected which path."""
    ends = [at for at, _ in environment.tag_protects[1:]] + [float("inf")]
    return ((since, until, where) for (since, where), until in zip(environment.tag_protects, ends, strict=True))


def _below(where: str, creation: Creation) -> list[str]:
    return [path for _, path in creation.entries if where and f"{path}/".startswith(f"{where}/")]


def nothing_younger_than_min_age_goes(_: Environment, creation: Creation) -> str:
    """Every entry that goes was deleted `min_age` ago or earlier."""
    oldest = creation.rules.min_age * DAY
    wrong = [path for each, path in _known(creation) if _age(each, creation) < oldest]
    return f"too young: {', '.join(wrong)}" if wrong else ""


def nothing_of_unknown_age_goes(_: Environment, creation: Creation) -> str:
    """Every entry that goes has a deletion time that can be read."""
    wrong = [path for each, path in creation.entries if parse_service_time(each.delete_time) is None]
    return f"without a deletion time: {', '.join(wrong)}" if wrong else ""


def job_list_is_five_seconds_old_at_most(_: Environment, creation: Creation) -> str:
    """The slice asked for the job list at most five seconds before it sent the request."""
    age = creation.asked_at - creation.jobs_asked_at
    return f"the job list was {age:.1f} s old" if age > FIVE_SECONDS else ""


def listing_is_five_minutes_old_at_most(_: Environment, creation: Creation) -> str:
    """The directory that holds the target was listed within the five minutes (and five seconds) before the request."""
    age = creation.asked_at - creation.listed_at
    return f"the listing was {age:.1f} s old" if age > FIVE_MINUTES + FIVE_SECONDS else ""


def a_target_is_listed_again_after_a_job_of_others(environment: Environment, creation: Creation) -> str:
    """The target was listed since the newest job of others that the slice could see in the job list."""
    others = (work.job.created_at or 0.0 for work in environment.bin.works if work.job.id not in environment.bin.ours)
    newest = max((at for at in others if at + ROUNDING < creation.jobs_asked_at), default=0.0)
    return f"listed {newest - creation.listed_at:.1f} s before a job of others" if newest > creation.listed_at else ""


def a_hold_stops_jobs_within_a_minute(_: Environment, creation: Creation) -> str:
    """No request for a job is sent later than a minute after the hold tag was set."""
    age = creation.asked_at - (creation.held_since if creation.held_since is not None else creation.asked_at)
    return f"the hold tag was set {age:.1f} s before" if age > MINUTE else ""


def no_job_starts_outside_the_window(_: Environment, creation: Creation) -> str:
    """The window was open when the request was sent, or in the five seconds before."""
    moments = (creation.asked_at, creation.asked_at - FIVE_SECONDS)
    return "" if any(map(creation.rules.is_open, moments)) else f"the window is closed at {creation.asked_at}"


def no_job_starts_while_the_policy_file_pauses(_: Environment, creation: Creation) -> str:
    """The policy file that the slice found deployed does not pause all work."""
    return "guardrails.pause is true" if creation.rules.pause else ""


def no_run_outlives_its_policies(environment: Environment, creation: Creation) -> str:
    """The run began under the policy file that its slice found deployed."""
    digest = creation.intent.get("digest", "")
    return "" if digest == environment.cloud.file.digest else f"the run's digest is {digest[:12]!r}"


def one_job_follows_a_cancelled_job_at_most(environment: Environment, creation: Creation) -> str:
    """Within the hour after a person cancelled a deletion job, each slice at work creates one job at most."""
    newest = max((at for at in environment.cancels if at < creation.at), default=None)
    if newest is None or creation.at - newest > HOUR:
        return ""
    mine = creation.intent.get("request", "")
    jobs = [each for each in environment.creations if newest < each.at and each.intent.get("request", "") == mine]
    return f"{len(jobs)} jobs in {creation.at - newest:.0f} s after a person's cancel" if len(jobs) > 1 else ""


def an_entry_of_a_cancelled_job_stays_for_a_week(environment: Environment, creation: Creation) -> str:
    """Nothing goes whose deletion job a person cancelled within the week before the job list was asked for."""
    known = {
        file_id
        for file_id, at in environment.cancelled_entries.items()
        if at < creation.jobs_asked_at and creation.at < at + WEEK
    }
    wrong = [path for entry, path in creation.entries if entry.file_id in known]
    return f"a person cancelled their jobs: {', '.join(wrong)}" if wrong else ""


def a_cancelled_run_stops_within_a_minute(environment: Environment, creation: Creation) -> str:
    """No request for a job is sent later than a minute after a person cancelled its run by the console."""
    age = creation.asked_at - environment.cancelled_runs.get(creation.run, creation.asked_at)
    return f"the run was cancelled {age:.1f} s before" if age > MINUTE else ""


def a_restore_is_waited_for(environment: Environment, creation: Creation) -> str:
    """No slice that could see a restore in the job list creates a job within the hour after it began."""
    seen = [at for at in environment.restores if at + ROUNDING < creation.jobs_asked_at < at + HOUR - ROUNDING]
    return f"somebody restored {creation.asked_at - max(seen):.0f} s before" if seen else ""


def the_intent_is_logged_before_the_job(_: Environment, creation: Creation) -> str:
    """The log had acknowledged an intent for this very entry and token before the request was sent."""
    known = [each for each in creation.intents if _logged_at(each) <= creation.asked_at]
    named = any(each.get("delete_time") == creation.target.delete_time for each in known)
    return "" if named or (known and _is_new(creation.target, creation)) else "no intent was logged"


def every_deletion_is_explained(_: Environment, creation: Creation) -> str:
    """The intent tells run, request, policy, rule, path, and how many entries go at most."""
    missing = [name for name in ("run", "request", "policy", "rule", "path") if not creation.intent.get(name)]
    if missing:
        return f"the intent lacks {', '.join(missing)}"
    policy, told, true = creation.intent["policy"], creation.intent["path"], creation.entries[0][1]
    if told != true or policy not in ("aged", CAPACITY):
        return f"the intent tells {policy} and {told}, true is {true}"
    announced = int(creation.intent.get("entries", 0))
    more = len(list(_known(creation))) > announced  # fewer go when a person took something out of the directory
    return f"the intent tells of {announced} entries, {len(creation.entries)} go" if more else ""


def a_dry_run_creates_no_job(_: Environment, creation: Creation) -> str:
    """The run enforces."""
    mode = creation.intent.get("mode", "")
    return "" if mode == "enforce" else f"the run's mode is {mode!r}"


def the_limit_of_jobs_holds(environment: Environment, creation: Creation) -> str:
    """A run creates jobs for as many targets as `limits.jobs` says, at most."""
    most, targets = creation.rules.limits.jobs, _targets(environment, creation)
    return f"{len(targets)} targets, the limit is {most}" if most is not None and len(targets) > most else ""


def the_limit_of_bytes_holds(environment: Environment, creation: Creation) -> str:
    """What a run deletes has as many bytes as `limits.bytes` says, at most; nothing of unknown size goes then."""
    most, size = creation.rules.limits.bytes, _bytes(environment, creation)
    return f"{size} bytes, the limit is {most}" if most is not None and not size <= most else ""


def the_limit_of_the_share_holds(environment: Environment, creation: Creation) -> str:
    """A run deletes no larger part of the bin's bytes than `limits.share` says; nothing of unknown size goes then.

    The bin's bytes are the most that it held at the beginning of an invocation since the one in which the run began.
    """
    most, size = creation.rules.limits.share, _bytes(environment, creation)
    began_at = min(at for at, each in environment.log.records if each.get("run") == creation.run)
    first = max((at for at, _ in environment.sizes if at <= began_at), default=began_at)
    held = max((held for at, held in environment.sizes if at >= first), default=environment.bin.bytes())
    return f"{size} of {held} bytes, the limit is {most}" if most is not None and not size <= most * held else ""


def _bytes(environment: Environment, creation: Creation) -> float:
    """Bytes that the creation's run deletes so far; infinitely many when a file's size is not known."""
    gone = (entry for each in _targets(environment, creation).values() for entry, _ in each.entries)
    return sum(float("inf") if each.size is None and not each.is_directory else each.size or 0 for each in gone)


def capacity_takes_only_what_is_too_much(environment: Environment, creation: Creation) -> str:
    """What goes by `keep_bin_below` goes while the bin holds more than that, and no size in it is unknown.

    Somebody else's job since the run began can have taken what was too much; the run ends when it sees the job.
    """
    most = creation.rules.keep_below
    if creation.intent.get("policy") != CAPACITY or most is None:
        return ""
    unknown = [path for entry, path in _known(creation) if entry.size is None]
    began_at = min(at for at, each in environment.log.records if each.get("run") == creation.run)
    others = (work.job for work in environment.bin.works if work.job.id not in environment.bin.ours)
    if unknown:
        return f"of unknown size: {', '.join(unknown)}"
    disturbed = any((job.created_at or 0.0) > began_at - HOUR for job in others)
    return f"the bin holds {creation.held} bytes, the size is {most}" if creation.held <= most and not disturbed else ""


def up_to_holds(environment: Environment, creation: Creation) -> str:
    """A run with `up_to` creates jobs for as many targets, at most, however many copies of its messages arrive."""
    most, targets = environment.up_to.get(creation.run), _targets(environment, creation)
    return f"{len(targets)} targets, up_to is {most}" if most is not None and len(targets) > most else ""


def a_run_takes_nothing_newer_than_its_survey(environment: Environment, creation: Creation) -> str:
    """What a run deletes was in the bin when its first survey was written."""
    surveys = [at for at, each in environment.log.records if _is_survey(each, creation.run)]
    if not surveys:
        return ""
    known = environment.known_since
    wrong = [path for entry, path in _known(creation) if known.get(entry.file_id, 0.0) > surveys[0]]
    return f"deleted after the survey: {', '.join(wrong)}" if wrong else ""


def a_plan_is_all_that_its_purge_takes(environment: Environment, creation: Creation) -> str:
    """What the purge of a plan deletes was in the bin when the plan was made, and is no more than the plan tells."""
    plan = environment.plans.get(creation.run)
    if plan is None:
        return ""
    made_at, known = next(at for at, each in environment.log.records if each == plan), environment.known_since
    wrong = [path for entry, path in _known(creation) if known.get(entry.file_id, 0.0) > made_at]
    targets = len(_targets(environment, creation))
    if targets > int(plan["jobs"]):
        return f"{targets} targets, the plan has {plan['jobs']}"
    return f"deleted after the plan: {', '.join(wrong)}" if wrong else ""


def an_unusual_run_deletes_nothing(environment: Environment, creation: Creation) -> str:
    """A run that nobody let go by a plan takes ten times the usual bytes at most, of what was there at its survey.

    Up to 10 GiB are never unusual. The usual is the middle one of the file system's last five days with surveys.
    """
    surveys = [at for at, each in environment.log.records if _is_survey(each, creation.run)]
    days: dict[str, int] = {}
    for at, each in environment.log.records:
        of_others = each["event"] == "surveyed" and each.get("run") != creation.run and each.get("mode") == "enforce"
        if of_others and surveys and at < surveys[0] and not each.get("detail") and each.get("selected", "0") != "0":
            days[each["at"][:10]] = max(days.get(each["at"][:10], 0), int(each["bytes"]))
    last = sorted(days[each] for each in sorted(days)[-5:])
    if creation.run in environment.plans or len(last) < FEWEST_DAYS:
        return ""
    known = environment.known_since
    going = (entry for each in _targets(environment, creation).values() for entry, _ in each.entries)
    size = sum(each.size or 0 for each in going if known.get(each.file_id, surveys[0]) < surveys[0])
    most = max(10 * GIB, 10 * last[(len(last) - 1) // 2])
    return f"{size} bytes, the most is {most}" if size > most else ""


def _is_survey(record: Mapping[str, str], run: str) -> bool:
    return record["event"] == "surveyed" and record.get("run") == run


def a_survey_comes_before_every_job(environment: Environment, creation: Creation) -> str:
    """The log has the survey of the run, or of the plan that the run carries out."""
    known = creation.run in environment.plans or environment.log.events("surveyed", run=creation.run)
    return "" if known else "the run has no survey"


def a_forged_message_starts_nothing(_: Environment, creation: Creation) -> str:
    """The slice works on a message that the functions sent, not on one that was made or changed by somebody else."""
    return f"run {creation.run} works on a forged message" if creation.forged else ""


def a_replayed_message_starts_nothing(environment: Environment, creation: Creation) -> str:
    """When the slice began, the log had neither the run's end nor the hand-over from this slice to the next."""
    began_at, number = creation.began_at, int(creation.intent.get("slice_number", 0))
    over = [
        each["event"]
        for at, each in environment.log.records
        if each.get("run") == creation.run and at < began_at
        if each["event"] == "ended" or (each["event"] == "handed-over" and int(each["slice_number"]) > number)
    ]
    return f"slice {number} began after the record {over[0]}" if over else ""


PROMISES: Mapping[str, Promise] = {
    each.__name__: each
    for each in (
        nothing_outside_the_policies_goes,
        nothing_protected_goes,
        what_the_tag_protects_stays,
        a_tag_lets_nothing_more_go_for_a_day,
        nothing_younger_than_min_age_goes,
        nothing_of_unknown_age_goes,
        job_list_is_five_seconds_old_at_most,
        listing_is_five_minutes_old_at_most,
        a_target_is_listed_again_after_a_job_of_others,
        a_hold_stops_jobs_within_a_minute,
        no_job_starts_outside_the_window,
        no_job_starts_while_the_policy_file_pauses,
        no_run_outlives_its_policies,
        one_job_follows_a_cancelled_job_at_most,
        an_entry_of_a_cancelled_job_stays_for_a_week,
        a_cancelled_run_stops_within_a_minute,
        a_restore_is_waited_for,
        the_intent_is_logged_before_the_job,
        every_deletion_is_explained,
        a_dry_run_creates_no_job,
        the_limit_of_jobs_holds,
        the_limit_of_bytes_holds,
        the_limit_of_the_share_holds,
        capacity_takes_only_what_is_too_much,
        up_to_holds,
        a_run_takes_nothing_newer_than_its_survey,
        a_plan_is_all_that_its_purge_takes,
        an_unusual_run_deletes_nothing,
        a_survey_comes_before_every_job,
        a_forged_message_starts_nothing,
        a_replayed_message_starts_nothing,
    )
}
"""Every promise by name."""


def check(environment: Environment, creation: Creation) -> dict[str, str]:
    """What a job breaks, by promise."""
    found = {name: promise(environment, creation) for name, promise in PROMISES.items()}
    return {name: what for name, what in found.items() if what}


def _age(entry: Entry, creation: Creation) -> float:
    return creation.at - (parse_service_time(entry.delete_time) or creation.at)


def _known(creation: Creation) -> Iterator[tuple[Entry, str]]:
    """What goes and was in the bin, as it is, when its slice last asked for the job list."""
    return (each for each in creation.entries if not _is_new(each[0], creation))


def _is_new(entry: Entry, creation: Creation) -> bool:
    """Whether an entry was restored and deleted again since its slice asked for the job list.

    The README tells of this window: five seconds, and the time that one request takes.
    """
    return (parse_service_time(entry.delete_time) or 0.0) >= creation.jobs_asked_at - ROUNDING


def _logged_at(intent: Mapping[str, str]) -> float:
    return parse_service_time(intent["at"]) or float("inf")


def _targets(environment: Environment, creation: Creation) -> dict[tuple[str, str], Creation]:
    """The targets of a creation's run so far, each once."""
    mine = (each for each in environment.creations if each.run == creation.run)
    return {(each.file_id, each.target.delete_time): each for each in mine}
