"""The switches of the fake NAS.

Every field of `NasSettings` answers a question that no public page answers. The defaults are the likeliest
readings. A client that works under every value works whatever the real service does.
"""

from dataclasses import dataclass
from typing import Literal

DAY = 86_400
JobType = Literal["Delete", "Restore"]


@dataclass(frozen=True)
class NasSettings:
    """The switches, and the latencies in seconds.

    Attributes:
        delete_while_disabled: a delete job while the bin is off answers 403 OperationDenied.RecycleBinDisabled
            (``refused``; that code is documented for restores) or 404 InvalidFileId.NotFound (``not-found``).
        list_while_disabled: both listings answer nothing (``empty``) or the same 403 (``refused``).
        ineligible: a file system that is not General-purpose answers 404 InvalidFileSystem.NotFound
            (``not-found``) or 400 InvalidFileSystemId (``invalid``).
        out_of_range: a number outside its range answers 400 Invalid{Parameter} (``refused``) or is moved to the
            nearest allowed one (``clamped``).
        overlapping_job: a job on the running job's object, or above or below it, answers 403
            OperationDenied.Conflict (``conflict``) or 403 OperationDenied.TooManyRunningJobs (``too-many``).
        defragmenting_blocks: whether a restore that only defragments still holds the job slot.
        defragment_seconds: how long a finished restore defragments; 0 skips the state.
        live_file_id: a delete job on a live directory answers 404 InvalidFileId.NotFound (``not-found``) or purges
            what was deleted from it (``purges-contents``).
        listed_file: listing a file answers 404 InvalidFileId.NotFound (``not-found``) or nothing (``empty``).
        recycled_directory_listing: listing a directory that is itself in the bin gives its children (``works``),
            nothing (``empty``), 404 (``not-found``) or everything below it at once (``recursive``).
        list_order: of entries and of directories. ``insertion`` is the order of deletion, of directories that of
            their creation; ``name`` is by code point; ``shuffled`` is any other fixed order (see `shuffle_seed`).
        shuffle_seed: which order ``shuffled`` is.
        page_tokens: a token marks a place between entries, so deletions do not move it (``stable``), or a count of
            entries to skip, so deletions before it make the next page miss some (``offset``).
        page_token_seconds: how long a token is valid; None means without limit.
        page_tokens_survive_changes: whether a token is still good once anything entered or left the bin.
        last_page_token: at the end of a listing NextToken is ``empty`` or ``absent``.
        recent_directories: ListRecentlyRecycledDirectories has the directories, live or recycled, that something was
            deleted from (``deleted-from``, the newest wording of its page) or also empty ones that were themselves
            deleted (``deleted-too``, an older one).
        recent_days: directories in which nothing was deleted for longer are left out of
            ListRecentlyRecycledDirectories; None leaves none out.
        history_length: how many of the newest jobs can be queried (documented: 50).
        history_order: of ListRecycleBinJobs.
        cancel_finished: cancelling a job that is not Running changes nothing (``ok``) or answers 403
            OperationDenied.Conflict (``conflict``).
        removal: the entries of a job leave the bin all at its end (``at-end``) or one by one (``progressive``).
        client_token_seconds: how long a ClientToken is remembered.
        repeated_client_token: the same token and parameters answer the same job (``same-job``), or 403
            OperationDenied.TooManyRunningJobs while a job runs (``busy-while-running``).
        client_token_mismatch: the same token with other parameters answers 400 IdempotentParameterMismatch
            (``refused``) or is taken for a new one (``ignored``).
        expiry_lag: seconds from the end of an entry's retention until it is really gone.
        retention_change: UpdateRecycleBinAttribute applies to what is in the bin already (``existing``) or only to
            what is deleted later (``later-only``).
        bin_size_reported: whether GetRecycleBinAttribute has Size (documented; a server that leaves it out is assumed).
        entry_sizes_reported: whether listings have Size (as above).
        archive_size_reported: whether GetRecycleBinAttribute has ArchiveSize (documented since SDK 2.5.3).
        tags_per_page: of ListTagResources.
        empty_tag_value: a tag without a value answers 403 OperationDenied.KeyValueNotNull (``refused``) or is set to
            the empty text (``allowed``).
        calls_per_minute: per identity; above it 400 Throttling.User until the next full minute. None is no limit.
        call_seconds: latency of a call.
        list_seconds: latency of a page of a bin listing.
    """

    delete_while_disabled: Literal["refused", "not-found"] = "refused"
    list_while_disabled: Literal["empty", "refused"] = "empty"
    ineligible: Literal["not-found", "invalid"] = "not-found"
    out_of_range: Literal["refused", "clamped"] = "refused"
    overlapping_job: Literal["conflict", "too-many"] = "conflict"
    defragmenting_blocks: bool = True
    defragment_seconds: float = 0.0
    live_file_id: Literal["not-found", "purges-contents"] = "not-found"
    listed_file: Literal["not-found", "empty"] = "not-found"
    recycled_directory_listing: Literal["works", "empty", "not-found", "recursive"] = "works"
    list_order: Literal["insertion", "name", "shuffled"] = "insertion"
    shuffle_seed: int = 0
    page_tokens: Literal["stable", "offset"] = "stable"
    page_token_seconds: float | None = None
    page_tokens_survive_changes: bool = True
    last_page_token: Literal["empty", "absent"] = "empty"
    recent_directories: Literal["deleted-from", "deleted-too"] = "deleted-from"
    recent_days: float | None = None
    history_length: int = 50
    history_order: Literal["newest-first", "oldest-first"] = "newest-first"
    cancel_finished: Literal["ok", "conflict"] = "ok"
    removal: Literal["at-end", "progressive"] = "at-end"
    client_token_seconds: float = float(DAY)
    repeated_client_token: Literal["same-job", "busy-while-running"] = "same-job"
    client_token_mismatch: Literal["refused", "ignored"] = "refused"
    expiry_lag: float = 0.0
    retention_change: Literal["existing", "later-only"] = "existing"
    bin_size_reported: bool = True
    entry_sizes_reported: bool = True
    archive_size_reported: bool = True
    tags_per_page: int = 50
    empty_tag_value: Literal["refused", "allowed"] = "refused"
    calls_per_minute: int | None = None
    call_seconds: float = 0.08
    list_seconds: float = 0.2
