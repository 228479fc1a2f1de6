"""The JSON Schema of the requests that the purge function takes.

Made from the models that read them::

    python -m ops.request_schema > functions/requests.schema.json
"""

import json
import sys

from functions.retention.runs import ORDERS
from ops.policy_schema import EditorSchema


def request_schema() -> str:
    """The schema, as text; ``functions/requests.schema.json`` holds it."""
    schema = ORDERS.json_schema(schema_generator=EditorSchema)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Request"}
    return json.dumps(head | schema, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(request_schema())
