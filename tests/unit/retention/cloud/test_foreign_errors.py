"""Errors of the SDKs: nothing of a request that they quote comes through, and what is needed does."""

import json
import socket
from collections.abc import Callable

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from aliyun.log import LogException
from darabonba.exceptions import UnretryableException
from darabonba.policy.retry import RetryPolicyContext
from hypothesis import given
from hypothesis import strategies as st
from mns.mns_exception import MNSClientNetworkException, MNSServerException

from functions.retention.cloud.foreign_errors import UNKNOWN_CODE, silence
from functions.retention.cloud.nas import nas_error
from functions.retention.cloud.settings import Credentials
from functions.retention.cloud.sls import ask, log_error
from functions.retention.cloud.smq import queue_error
from functions.retention.core.errors import CloudError, NoAnswer
from tests.examples import examples
from tests.unit.retention.cloud.leaks import Quoted, assert_nothing_came_through, quotations

pytestmark = pytest.mark.slow

CREDENTIALS = Credentials("LTAI5tExample", "example-of-a-secret", "example-of-a-token")
REQUEST_ID = "5E0B8C0F-7B3A-5D0C-9F0E-0123456789AB"

Translate = Callable[[str, Credentials], CloudError]


def of_nas(**fields: object) -> Translate:
    def translate(text: str, credentials: Credentials) -> CloudError:
        filled = {name: _filled(value, text) for name, value in fields.items()}
        return nas_error("ListRecycleBinJobs", AlibabaCloudException(**filled), credentials)

    return translate


def _filled(value: object, text: str) -> object:
    if isinstance(value, dict):
        return {name: _filled(each, text) for name, each in value.items()}
    return text if value == "?" else value


def _chained(text: str) -> Exception:
    """An error of a transport that quotes a header, and one of a library that quotes that again."""
    outer = ConnectionError(text)
    outer.__cause__ = ValueError(f"Invalid header value {text!r}")
    return outer


TRANSLATIONS: dict[str, Translate] = {
    "NAS, every field": of_nas(
        code="?",
        message="?",
        request_id="?",
        status_code=403,
        data={"Message": "?", "Recommend": "?", "RequestId": "?"},
    ),
    "NAS, a denial": of_nas(
        code="Forbidden.RAM",
        message="?",
        status_code=403,
        data={"Message": "?", "AccessDeniedDetail": {"AuthAction": "?", "EncodedDiagnosticMessage": "?"}},
    ),
    "NAS, a known code": of_nas(code="SignatureDoesNotMatch", message="?", request_id="?", data={"Message": "?"}),
    "NAS, silence": lambda text, who: nas_error(
        "TagResources", UnretryableException(RetryPolicyContext(exception=_chained(text))), who
    ),
    "SLS, every field": lambda text, who: log_error(
        "PutLogs", LogException(text, f"{text} already exist", text, 400, {"x": text}, text), who
    ),
    "SLS, silence": lambda text, who: log_error("PutLogs", LogException("LogRequestError", text), who),
    "SLS, an unread reply": lambda text, who: _asked(_chained(text), who),
    "SMQ, every field": lambda text, who: queue_error(
        "SendMessage", MNSServerException(text, text, text, text, [{"Code": text}]), who
    ),
    "SMQ, silence": lambda text, who: queue_error("SendMessage", MNSClientNetworkException(text, text, text), who),
    "SMQ, its transport": lambda text, who: queue_error("SendMessage", _chained(text), who),
}


def _asked(error: Exception, credentials: Credentials) -> CloudError:
    def fail() -> None:
        raise error

    with pytest.raises(CloudError) as caught:
        ask("GetLogs", fail, credentials)
    return caught.value


@examples(300)
@given(quotations(), st.sampled_from(sorted(TRANSLATIONS)))
def test_no_field_of_a_foreign_error_lets_a_credential_through(quoted: Quoted, source: str) -> None:
    assert_nothing_came_through(TRANSLATIONS[source](quoted.text, quoted.credentials), quoted)


def test_code_status_request_id_and_missing_permission_come_through() -> None:
    error = of_nas(
        code="Forbidden.RAM",
        message="no",
        request_id=REQUEST_ID,
        status_code=403,
        data={"Message": "no", "AccessDeniedDetail": {"AuthAction": "nas:GetRecycleBinAttribute"}},
    )("", CREDENTIALS)
    assert str(error) == (
        "ListRecycleBinJobs: Forbidden.RAM: HTTP status 403 (missing permission: nas:GetRecycleBinAttribute) "
        f"(request {REQUEST_ID})"
    )


def test_a_permission_named_in_a_message_comes_through_alone() -> None:
    said = "denied by sts or ram, action: log:PostLogStoreLogs, resource: acs:log:cn-hangzhou:1234:project/x"
    error = log_error("PutLogs", LogException("Unauthorized", said, "64CA0D5B0123456789ABCDEF", 403), CREDENTIALS)
    assert str(error) == (
        "PutLogs: Unauthorized: HTTP status 403 (missing permission: log:PostLogStoreLogs) "
        "(request 64CA0D5B0123456789ABCDEF)"
    )


def test_what_has_not_the_form_of_a_code_or_request_id_is_left_out() -> None:
    error = of_nas(code="a b", message="no", request_id="none of it", status_code=400)("", CREDENTIALS)
    assert (error.code, error.request_id) == (UNKNOWN_CODE, "")


def test_a_silence_names_what_is_behind_it_and_quotes_none_of_it() -> None:
    error = silence("PutLogs", _chained("token"), CREDENTIALS)
    assert str(error) == "PutLogs: ConnectionError: no usable reply, because of ValueError"
    assert isinstance(error, NoAnswer)


def test_a_circle_of_exceptions_is_named_in_part() -> None:
    one, two = socket.gaierror(), OSError()
    one.__cause__, two.__cause__ = two, one
    assert silence("PutLogs", one, CREDENTIALS).code == "gaierror"


def test_that_something_exists_already_is_still_known() -> None:
    said = json.dumps({"errorMessage": "specified dashboard already exists"})
    assert "already exist" in log_error("CreateDashboard", LogException("ParameterInvalid", said), CREDENTIALS).message
