"""A person fills in a form."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue, field_validator, model_validator

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.forms import FormField, answer_check
from flowloft.core.node import Node, Port, fill, signature_of
from flowloft.core.types import Ports, PortType

ANSWERS = "answers"
_TYPES = {
    "number": PortType.NUMBER,
    "boolean": PortType.BOOLEAN,
    "json": PortType.ANY,
}


class HumanInput(Node):
    """Asks a person to fill in a form, and waits for the answer.

    The run waits as long as it takes, without holding a worker, and survives restarts. The form is shown
    in the editor, on the page of the run and in the chat, and can be answered over the API. Each field
    is an output; `answers` has them all. `{name}` in the message becomes an input; `value` is shown below.
    """

    title = "Human input"
    group = "logic"
    icon = "user-edit"
    fixed_outputs = (ANSWERS,)
    cacheable = False

    message: str = Field(
        "Please fill in.",
        title="Message",
        max_length=20_000,
        description="Shown above the form, as Markdown.",
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )
    fields: list[FormField] = Field(
        default_factory=lambda: [FormField(name="text")],
        title="Fields",
        min_length=1,
        max_length=50,
        description="Each field is an output.",
        json_schema_extra={"x-outputs": "items"},
    )
    timeout: float | None = Field(
        None,
        title="Wait at most",
        gt=0,
        le=366 * 86_400,
        description="In seconds. Empty: as long as it takes.",
        json_schema_extra={"x-advanced": True},
    )
    default: dict[str, JsonValue] | None = Field(
        None,
        title="Answer after that time",
        description="By name of the field. Empty: the node fails when nobody has answered.",
        json_schema_extra={"x-widget": "json", "x-advanced": True},
    )

    @field_validator("fields")
    @classmethod
    def _distinct(cls, fields: list[FormField]) -> list[FormField]:
        names = [field.name for field in fields]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name “{name}” is taken; each field needs its own")
        return fields

    @model_validator(mode="after")
    def _default_fits(self) -> HumanInput:
        if self.default is not None:
            try:
                answer_check(self._form(), self.default)
            except InputError as error:
                raise ValueError(f"The answer after that time does not fit: {error.message}") from None
        return self

    def _form(self) -> dict[str, Any]:
        return {"kind": "form", "fields": [field.model_dump() for field in self.fields]}

    def run(
        self,
        ctx: Context,
        value: Annotated[Any, "Shown to the person with the form."] = None,
        **variables: Any,
    ) -> Ports[Any]:
        asked = {
            **self._form(),
            "message": fill(self.message, variables),
            "value": value,
            "timeout": self.timeout,
            "default": self.default,
        }
        answers = ctx.ask(asked)
        return Ports(
            {**{name: given for name, given in answers.items() if given is not None}, ANSWERS: answers}
        )

    def output_ports(self) -> list[Port]:
        named = [
            Port(name=field.name, title=field.title or field.name, type=_TYPES.get(field.type, PortType.TEXT))
            for field in self.fields
        ]
        return [*named, *signature_of(type(self)).outputs]
