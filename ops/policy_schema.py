"""The JSON Schema that editors check a policy file with.

Made from the models that read the file, and their docstrings::

    python -m ops.policy_schema > functions/policies.schema.json
"""

import ast
import inspect
import json
import sys
import textwrap
from itertools import pairwise

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from functions.retention.policy import PolicyFile


def policies_schema() -> str:
    """The schema, as text; ``functions/policies.schema.json`` holds it."""
    schema = PolicyFile.model_json_schema(schema_generator=EditorSchema)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


class EditorSchema(GenerateJsonSchema):
    """With what the docstrings say; without what models hold and no file can: null, defaults as bare figures."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """See `GenerateJsonSchema`."""
        made = super().model_schema(schema)
        model = schema["cls"]
        docs = _attribute_docstrings(model)
        names = {field.alias or name: name for name, field in model.model_fields.items()}
        for key, value in made.get("properties", {}).items():
            if names[key] in docs:
                value["description"] = docs[names[key]]
        return made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """See `GenerateJsonSchema`."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """See `GenerateJsonSchema`."""
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's own signature
        """See `GenerateJsonSchema`."""
        return False


def _attribute_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The text below each attribute of a model's class, by attribute."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    found = {}
    for statement, below in pairwise(getattr(body, "body", [])):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
            if isinstance(text, str):
                found[statement.target.id] = inspect.cleandoc(text)
    return found


if __name__ == "__main__":
    sys.stdout.write(policies_schema())
