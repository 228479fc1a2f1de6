"""The vendor's NAS client, so that it hands out replies as bytes. Importing this module imports the SDK."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_nas20170626.client import Client
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from functions.retention.cloud.settings import Settings

Method = Callable[[Any, RuntimeOptions], object]
"""A ``…_with_options`` method of the vendor's client; takes the vendor's request for it."""


class RawClient(Client):  # type: ignore[misc]  # the SDK ships no types
    """The vendor's NAS client. It hands out replies as bytes and keeps them from the vendor's response models.

    Those models read a reply without ``Entries`` or ``Jobs`` as an empty list (observed: SDK 3.7.5). So the vendor's
    methods return an empty model here, and `raw` returns the reply itself. Not thread-safe.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._reply: Mapping[str, Any] = {}

    def call_api(self, params: Params, request: OpenApiRequest, runtime: RuntimeOptions) -> dict[str, object]:
        """Send one request, as every method of the vendor's client does. Keep the reply and return an empty one."""
        params.body_type = "byte"
        self._reply = self.exchange(params, request, runtime)
        return {}

    def exchange(self, params: Params, request: OpenApiRequest, runtime: RuntimeOptions) -> Mapping[str, Any]:
        """Send one request and return the reply: ``headers`` and, as bytes, ``body``."""
        reply: Mapping[str, Any] = super().call_api(params, request, runtime)
        return reply

    def raw(self, method: Method, request: object, runtime: RuntimeOptions) -> tuple[Mapping[str, str], bytes]:
        """Call one of the vendor's methods and return headers and body of its reply.

        Args:
            method: a ``…_with_options`` method of this client.
            request: the vendor's request for it.
            runtime: time-outs.
        """
        self._reply = {}
        method(request, runtime)
        return self._reply["headers"], self._reply["body"]


def client_config(settings: Settings) -> Config:
    """What every SDK of this family is configured with: identity, region, and an endpoint where one is set."""
    endpoint = urlsplit(settings.nas_endpoint) if settings.nas_endpoint else None
    return Config(
        access_key_id=settings.credentials.access_key_id,
        access_key_secret=settings.credentials.access_key_secret,
        security_token=settings.credentials.security_token or None,
        region_id=settings.region,
        endpoint=endpoint.netloc if endpoint else None,
        protocol=endpoint.scheme.upper() if endpoint else "HTTPS",
    )
