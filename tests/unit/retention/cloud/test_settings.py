"""The environment: what it takes, that all problems come at once, and that no secret shows."""

import base64
import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from functions.retention.cloud.settings import ROOT, Credentials, read_settings
from functions.retention.core.errors import ConfigurationError
from functions.retention.core.seal import SealKey


@dataclass
class OfferedCredentials:
    access_key_id: str | None = "STS.context"
    access_key_secret: str | None = "context-secret"
    security_token: str | None = "context-token"


@dataclass
class Context:
    region: str = "cn-hangzhou"
    account_id: str = "1234567890123456"
    credentials: OfferedCredentials | None = field(default_factory=OfferedCredentials)


@dataclass
class NewerContext:
    """As on the 3.12 runtime: no credentials."""

    region: str = "cn-hangzhou"
    account_id: str = "1234567890123456"


ENVIRON = {
    "WORK_QUEUE": "retention-work",
    "DEAD_LETTER_QUEUE": "retention-dead",
    "SLS_PROJECT": "retention-audit",
    "SLS_LOGSTORE": "audit_log",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tEnvironment",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "environment-secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "environment-token",
}


def problems(environ: dict[str, str], context: object | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(environ, context or Context())
    return str(caught.value).splitlines()


def test_a_complete_environment_reads_with_regional_endpoints_and_the_deployed_policies() -> None:
    settings = read_settings(ENVIRON, Context())
    assert settings.work_queue == "retention-work"
    assert settings.dead_letter_queue == "retention-dead"
    assert settings.sls_project == "retention-audit"
    assert settings.sls_logstore == "audit_log"
    assert settings.sls_endpoint == "https://cn-hangzhou.log.aliyuncs.com"
    assert settings.smq_endpoint == "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com"
    assert settings.nas_endpoint is None
    assert settings.policies_file == ROOT / "functions" / "policies.yaml"
    assert settings.concurrent_invocations == 1
    assert settings.sweep_pace == 6


def test_the_context_gives_region_account_and_credentials_first() -> None:
    environ = ENVIRON | {"FC_REGION": "cn-shanghai", "FC_ACCOUNT_ID": "99"}
    settings = read_settings(environ, Context())
    assert (settings.region, settings.account_id) == ("cn-hangzhou", "1234567890123456")
    assert settings.credentials == Credentials("STS.context", "context-secret", "context-token")


def test_the_platforms_variables_stand_in_for_a_context_that_offers_nothing() -> None:
    settings = read_settings(ENVIRON | {"FC_REGION": "cn-shanghai", "FC_ACCOUNT_ID": "99"}, object())
    assert (settings.region, settings.account_id) == ("cn-shanghai", "99")
    assert settings.credentials == Credentials("LTAI5tEnvironment", "environment-secret", "environment-token")


def test_a_context_without_credentials_falls_back_to_the_environment() -> None:
    assert read_settings(ENVIRON, NewerContext()).credentials.access_key_id == "LTAI5tEnvironment"


def test_parts_of_two_identities_are_never_mixed() -> None:
    halved = Context(credentials=OfferedCredentials(access_key_secret=None))
    credentials = read_settings(ENVIRON, halved).credentials
    assert credentials == Credentials("LTAI5tEnvironment", "environment-secret", "environment-token")


def test_permanent_keys_have_no_token() -> None:
    environ = {name: value for name, value in ENVIRON.items() if name != "ALIBABA_CLOUD_SECURITY_TOKEN"}
    assert read_settings(environ, NewerContext()).credentials.security_token == ""


def test_an_empty_environment_names_every_missing_variable_at_once() -> None:
    found = problems({}, object())
    named = [line.partition(":")[0] for line in found]
    assert named == [
        "FC_REGION",
        "FC_ACCOUNT_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "WORK_QUEUE",
        "DEAD_LETTER_QUEUE",
        "SLS_PROJECT",
        "SLS_LOGSTORE",
    ]


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("WORK_QUEUE", "under_score", "up to 120 letters, digits and hyphens"),
        ("DEAD_LETTER_QUEUE", "-dash-first", "up to 120 letters, digits and hyphens"),
        ("SLS_PROJECT", "Capital", "a project name in lower case"),
        ("SLS_LOGSTORE", "a", "a logstore name in lower case"),
        ("CONCURRENT_INVOCATIONS", "0", "a whole number from 1 to 300"),
        ("CONCURRENT_INVOCATIONS", "301", "a whole number from 1 to 300"),
        ("CONCURRENT_INVOCATIONS", "two", "a whole number from 1 to 300"),
        ("SWEEP_PACE", "0", "a whole number from 1 to 1800"),
        ("NAS_ENDPOINT", "nas.cn-hangzhou.aliyuncs.com", "http:// or https://"),
        ("SLS_ENDPOINT", "ftp://host", "http:// or https://"),
        ("SMQ_ENDPOINT", "http://host/path", "a host and perhaps :port"),
        ("SMQ_ENDPOINT", "http://key:secret@host", "a host and perhaps :port"),
        ("NAS_ENDPOINT", "http://host:port", "a host and perhaps :port"),
        ("NAS_ENDPOINT", "https://", "a host and perhaps :port"),
    ],
)
def test_a_value_that_does_not_do_is_named_with_what_does(name: str, value: str, takes: str) -> None:
    (line,) = problems(ENVIRON | {name: value})
    assert line.startswith(f"{name}: ")
    assert takes in line


def test_a_region_that_is_no_region_is_refused_before_it_becomes_a_host_name() -> None:
    (line,) = problems(ENVIRON, replace(Context(), region="cn-hangzhou/evil"))
    assert line.startswith("FC_REGION: ")


def test_the_dead_letter_queue_must_be_another_queue() -> None:
    (line,) = problems(ENVIRON | {"DEAD_LETTER_QUEUE": "retention-work"})
    assert line.startswith("DEAD_LETTER_QUEUE: is the WORK_QUEUE itself")


def test_a_debug_mode_that_prints_tokens_is_refused() -> None:
    (line,) = problems(ENVIRON | {"DEBUG": "SDK"})
    assert line.startswith("DEBUG: ")


def test_endpoints_can_be_replaced() -> None:
    local = "http://127.0.0.1:8080"
    settings = read_settings(
        ENVIRON | {"NAS_ENDPOINT": local, "SLS_ENDPOINT": local + "/", "SMQ_ENDPOINT": local}, Context()
    )
    assert {settings.nas_endpoint, settings.sls_endpoint, settings.smq_endpoint} == {local}


def test_a_relative_policies_file_counts_from_the_code_and_an_absolute_one_stands() -> None:
    assert read_settings(ENVIRON | {"POLICIES_FILE": "a/b.yaml"}, Context()).policies_file == ROOT / "a" / "b.yaml"
    absolute = read_settings(ENVIRON | {"POLICIES_FILE": "/etc/policies.yaml"}, Context()).policies_file
    assert absolute == Path("/etc/policies.yaml")


def test_no_secret_shows_in_a_repr_or_in_a_problem() -> None:
    shown = repr(read_settings(ENVIRON, Context())) + "".join(problems(ENVIRON | {"SLS_PROJECT": "Capital"}))
    assert not any(secret in shown for secret in ("STS.context", "context-secret", "context-token"))


@pytest.mark.parametrize("spoilt", ["{}\r", "{}\n", " {}", "{}\t", "{}\x00", "\ufeff{}", "a {}", "{}\u00a0"])
@pytest.mark.parametrize("part", ["access_key_id", "access_key_secret", "security_token"])
def test_a_credential_with_a_blank_or_control_character_is_refused_by_name_only(part: str, spoilt: str) -> None:
    value = spoilt.format("LTAI5tQuotable")
    (offered,) = problems(ENVIRON, Context(credentials=replace(OfferedCredentials(), **{part: value})))
    (variable,) = problems(ENVIRON | {f"ALIBABA_CLOUD_{part.upper()}": value}, NewerContext())
    assert offered.startswith(f"context.credentials.{part}: ")
    assert variable.startswith(f"ALIBABA_CLOUD_{part.upper()}: ")
    assert "Quotable" not in offered + variable


def test_an_endpoint_that_is_refused_is_not_quoted_since_it_may_hold_a_password() -> None:
    (line,) = problems(ENVIRON | {"SMQ_ENDPOINT": "http://key:password@host"})
    assert "password" not in line


def test_a_text_overlaps_with_credentials_plain_and_encoded_and_with_nothing_else() -> None:
    credentials = Credentials("LTAI5tExample", "0123456789-secret", "token-of-one-hour")
    for secret in ("LTAI5tExample", "0123456789-secret", "token-of-one-hour"):
        for text in (
            secret,
            secret[3:9],
            secret.encode().hex()[4:],
            base64.b64encode(b"xy" + secret.encode()).decode(),
        ):
            assert credentials.overlaps(f"<{text}>")
    assert not credentials.overlaps("SignatureDoesNotMatch")
    assert not credentials.overlaps("token")
    assert not Credentials("key", "secret").overlaps("SignatureDoesNotMatch")


KEY = random.Random(3).randbytes(32)


def test_without_a_seal_key_there_is_none() -> None:
    assert read_settings(ENVIRON, Context()).seal_key is None
    assert read_settings(ENVIRON | {"SEAL_KEY": ""}, Context()).seal_key is None


@pytest.mark.parametrize("text", [KEY.hex(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode()])
def test_a_seal_key_reads_in_hexadecimal_and_base64_and_never_shows(text: str) -> None:
    settings = read_settings(ENVIRON | {"SEAL_KEY": text}, Context())
    assert settings.seal_key == SealKey(KEY)
    assert text not in repr(settings)
    assert "SealKey(***)" in repr(settings)


@pytest.mark.parametrize("text", [KEY.hex()[:40], KEY.hex() + "\n", "secret phrase", "ab" * 32])
def test_a_seal_key_that_does_not_do_is_named_and_not_quoted(text: str) -> None:
    (line,) = problems(ENVIRON | {"SEAL_KEY": text})
    assert line.startswith("SEAL_KEY: key ")
    assert "ops setup" in line
    assert text.strip() not in line
