"""Queues managed through alibabacloud-mns-open20220119, over both fronts."""

import pytest
from alibabacloud_mns_open20220119.client import Client
from alibabacloud_mns_open20220119.models import (
    CreateQueueRequest,
    CreateQueueRequestDlqPolicy,
    DeleteQueueRequest,
    GetQueueAttributesRequest,
    ListQueueRequest,
    SetQueueAttributesRequest,
    SetQueueAttributesRequestDlqPolicy,
)
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from mns.queue import Message

from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.smq_control.parameters import SmqControlError
from aliyun_fakes.smq_control.responses import HANDLERS
from aliyun_fakes.smq_control.urls import OPERATIONS
from tests.contract.fronts import Front
from tests.contract.mns_open.conftest import MnsOpen


def attributes(client: Client, name: str) -> dict[str, object]:
    data = client.get_queue_attributes(GetQueueAttributesRequest(queue_name=name)).body.data.to_map()
    assert isinstance(data, dict)
    return data


def code_of(error: pytest.ExceptionInfo[AlibabaCloudException]) -> tuple[int, str]:
    return int(error.value.status_code), str(error.value.code)


def test_a_queue_is_made_with_all_it_was_asked_for(front: Front, client: Client) -> None:
    front.cloud.smq.create_queue("dead")
    policy = CreateQueueRequestDlqPolicy(dead_letter_target_queue="dead", enabled=True, max_receive_count=16)
    request = CreateQueueRequest(
        queue_name="work",
        visibility_timeout=1200,
        message_retention_period=604_800,
        delay_seconds=3,
        maximum_message_size=2048,
        polling_wait_seconds=5,
        enable_logging=True,
        dlq_policy=policy,
    )
    body = client.create_queue(request).body
    assert (body.success, body.code, body.status) == (True, 200, "Success")
    queue = front.cloud.smq.queue("work")
    assert queue.dead_letter is not None
    assert (queue.dead_letter.queue.name, queue.dead_letter.max_receive_count) == ("dead", 16)
    told = attributes(client, "work")
    expected = {
        "QueueName": "work",
        "VisibilityTimeout": 1200,
        "MessageRetentionPeriod": 604_800,
        "DelaySeconds": 3,
        "MaximumMessageSize": 2048,
        "PollingWaitSeconds": 5,
        "LoggingEnabled": True,
        "DlqPolicy": {"Enabled": True, "DeadLetterTargetQueue": "dead", "MaxReceiveCount": 16},
    }
    assert expected.items() <= told.items()


def test_defaults_are_those_of_the_page(client: Client) -> None:
    client.create_queue(CreateQueueRequest(queue_name="plain"))
    told = attributes(client, "plain")
    assert told["DlqPolicy"] == {"Enabled": False}
    numbers = ("VisibilityTimeout", "MessageRetentionPeriod", "MaximumMessageSize", "DelaySeconds")
    assert [told[name] for name in numbers] == [30, 345_600, 65_536, 0]


def test_creating_twice_is_fine_with_the_same_attributes_only(client: Client) -> None:
    for _ in range(2):
        client.create_queue(CreateQueueRequest(queue_name="work", visibility_timeout=60))
    with pytest.raises(AlibabaCloudException) as error:
        client.create_queue(CreateQueueRequest(queue_name="work", visibility_timeout=61))
    assert code_of(error) == (409, "QueueAlreadyExist")


def test_only_what_is_named_changes(front: Front, client: Client) -> None:
    dead = front.cloud.smq.create_queue("dead")
    front.cloud.smq.create_queue("work", visibility_timeout=60, delay_seconds=7, dead_letter=(dead, 20))
    client.set_queue_attributes(SetQueueAttributesRequest(queue_name="work", visibility_timeout=1200))
    told = attributes(client, "work")
    assert (told["VisibilityTimeout"], told["DelaySeconds"]) == (1200, 7)
    assert told["DlqPolicy"] == {"Enabled": True, "DeadLetterTargetQueue": "dead", "MaxReceiveCount": 20}


def test_a_dead_letter_policy_can_be_changed_and_ended(front: Front, client: Client) -> None:
    for name in ("dead", "work"):
        front.cloud.smq.create_queue(name)
    policy = SetQueueAttributesRequestDlqPolicy(dead_letter_target_queue="dead", enabled=True, max_receive_count=17)
    client.set_queue_attributes(SetQueueAttributesRequest(queue_name="work", dlq_policy=policy))
    dead_letter = front.cloud.smq.queue("work").dead_letter
    assert dead_letter is not None
    assert dead_letter.max_receive_count == 17
    off = SetQueueAttributesRequestDlqPolicy(enabled=False)
    client.set_queue_attributes(SetQueueAttributesRequest(queue_name="work", dlq_policy=off))
    assert front.cloud.smq.queue("work").dead_letter is None


def test_a_refused_change_changes_nothing(front: Front, client: Client) -> None:
    front.cloud.smq.create_queue("work", visibility_timeout=60)
    policy = SetQueueAttributesRequestDlqPolicy(dead_letter_target_queue="none", enabled=True, max_receive_count=17)
    with pytest.raises(AlibabaCloudException) as error:
        client.set_queue_attributes(
            SetQueueAttributesRequest(queue_name="work", visibility_timeout=90, dlq_policy=policy)
        )
    assert code_of(error) == (404, "QueueNotExist")
    assert front.cloud.smq.queue("work").attributes.visibility_timeout == 60


def test_queues_are_listed_in_pages_with_their_attributes(front: Front, client: Client) -> None:
    for name in ("nas-1", "nas-2", "other", "nas-3"):
        front.cloud.smq.create_queue(name)
    data = client.list_queue(ListQueueRequest(queue_name="nas", page_num=2, page_size=2)).body.data
    assert [queue.queue_name for queue in data.page_data] == ["nas-3"]
    assert (data.total, data.pages, data.size, data.page_num, data.page_size) == (3, 2, 1, 2, 2)


def test_a_deleted_queue_is_gone(front: Front, client: Client) -> None:
    front.cloud.smq.create_queue("work")
    client.delete_queue(DeleteQueueRequest(queue_name="work"))
    with pytest.raises(AlibabaCloudException) as error:
        attributes(client, "work")
    assert code_of(error) == (404, "QueueNotExist")


def test_messages_sent_by_the_other_api_are_counted(front: Front, client: Client) -> None:
    client.create_queue(CreateQueueRequest(queue_name="work"))
    front.mns_account().get_queue("work").send_message(Message("x"))
    assert attributes(client, "work")["ActiveMessages"] == 1


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (CreateQueueRequest(), (400, "MissingQueueName")),
        (CreateQueueRequest(queue_name="a_b"), (400, "InvalidQueueName")),
        (CreateQueueRequest(queue_name="a" * 121), (400, "QueueNameLengthError")),
        (CreateQueueRequest(queue_name="a", visibility_timeout=0), (400, "InvalidArgument")),
        (CreateQueueRequest(queue_name="a", visibility_timeout=43_201), (400, "InvalidArgument")),
        (CreateQueueRequest(queue_name="a", queue_type="fifo"), (400, "InvalidArgument")),
        (
            CreateQueueRequest(
                queue_name="a",
                dlq_policy=CreateQueueRequestDlqPolicy(
                    dead_letter_target_queue="there", enabled=True, max_receive_count=0
                ),
            ),
            (400, "InvalidArgument"),
        ),
        (
            CreateQueueRequest(
                queue_name="a", dlq_policy=CreateQueueRequestDlqPolicy(dead_letter_target_queue="there")
            ),
            (400, "InvalidArgument"),
        ),
    ],
)
def test_what_is_not_right_is_refused(
    front: Front, client: Client, request_: CreateQueueRequest, expected: tuple[int, str]
) -> None:
    front.cloud.smq.create_queue("there")
    with pytest.raises(AlibabaCloudException) as error:
        client.create_queue(request_)
    assert code_of(error) == expected
    assert [queue.name for queue in front.cloud.smq.queues] == ["there"]


def test_a_page_size_out_of_range_is_refused(client: Client) -> None:
    with pytest.raises(AlibabaCloudException) as error:
        client.list_queue(ListQueueRequest(page_size=101))
    assert code_of(error) == (400, "InvalidArgument")


def test_a_name_rests_after_its_deletion(front: Front, client: Client) -> None:
    front.cloud.smq.create_queue("work")
    front.cloud.smq.delete_queue("work")
    with pytest.raises(AlibabaCloudException) as error:
        client.create_queue(CreateQueueRequest(queue_name="work"))
    assert code_of(error) == (400, "QueueDeletedRecently")


def test_an_identity_without_the_right_is_refused(front: Front, mns_open: MnsOpen) -> None:
    key = AccessKey("LTAI5tReader", "reads", allowed=frozenset({"mns:GetQueueAttributes"}))
    front.cloud.keys.add(key)
    front.cloud.smq.create_queue("work")
    reader = mns_open.client(key)
    assert attributes(reader, "work")["QueueName"] == "work"
    with pytest.raises(AlibabaCloudException) as error:
        reader.delete_queue(DeleteQueueRequest(queue_name="work"))
    assert code_of(error) == (403, "Forbidden.RAM")


def test_a_fault_of_the_schedule_strikes(front: Front, client: Client) -> None:
    front.cloud.faults.add(Fault("mns-open", "ListQueue", "throttle"))
    with pytest.raises(AlibabaCloudException) as error:
        client.list_queue(ListQueueRequest())
    assert code_of(error) == (400, "Throttling.User")
    client.list_queue(ListQueueRequest())


def test_every_operation_is_answered_and_covered() -> None:
    assert set(HANDLERS) == set(OPERATIONS) == {row.operation for row in SmqControlError.table.rows()} - {"*"}
