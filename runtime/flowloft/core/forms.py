"""What a step asks a person, and whether an answer fits."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from flowloft.core.errors import InputError

FieldType = Literal["text", "long_text", "number", "boolean", "choice", "json"]
Approval = Literal["approved", "rejected"]


class FormField(BaseModel):
    """One line of a form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        title="Name",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$",
        description="Of the output that carries the answer.",
    )
    title: str = Field("", title="Label", max_length=200, description="Shown to the person who answers.")
    type: FieldType = Field("text", title="Type")
    options: list[str] = Field(
        default_factory=list, title="Choices", max_length=100, description="For the type “choice”."
    )
    required: bool = Field(True, title="Required")
    default: JsonValue = Field(None, title="Filled in", description="What the form begins with.")

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name in ("answers", "value", "error", "ctx"):
            raise ValueError(f"“{name}” has a meaning of its own; choose another name")
        return name


def answer_check(asked: dict[str, Any], answer: Any) -> Any:
    """Returns an answer as the step gets it.

    Args:
        asked: The question, by its ``kind``. ``form`` takes values by name of the field, ``approval``
            ``{"decision": "approved" | "rejected", "comment": str}``, ``breakpoint`` nothing or other
            ``inputs``; any other kind takes any value.

    Raises:
        InputError: ``invalid_answer``; ``extra.path`` names the place.
    """
    kind = asked.get("kind")
    if kind == "form":
        return _form([FormField.model_validate(field) for field in asked.get("fields", [])], answer)
    if kind == "approval":
        given = _record(answer, {"decision", "comment"})
        if given.get("decision") not in ("approved", "rejected"):
            raise _wrong("decision", "The decision is “approved” or “rejected”.")
        if not isinstance(given.get("comment", ""), str):
            raise _wrong("comment", "The comment is a text.")
        return {"decision": given["decision"], "comment": given.get("comment", "")}
    if kind == "breakpoint":
        given = _record({} if answer is None else answer, {"inputs"})
        if not isinstance(given.get("inputs", {}), dict):
            raise _wrong("inputs", "The inputs are a JSON object of value by port.")
        return given
    return answer


def _form(fields: list[FormField], answer: Any) -> dict[str, Any]:
    given = _record(answer, {field.name for field in fields})
    return {field.name: _value(field, given.get(field.name)) for field in fields}


def _value(field: FormField, value: Any) -> Any:
    name = field.title or field.name
    if value is None or value == "":
        if field.required and field.type != "boolean":
            raise _wrong(field.name, f"“{name}” has to be filled in.")
        return False if field.type == "boolean" else None
    fits = {
        "text": isinstance(value, str),
        "long_text": isinstance(value, str),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
        "choice": value in field.options,
        "json": True,
    }
    if not fits[field.type]:
        valid = f"one of {', '.join(field.options)}" if field.type == "choice" else f"a {field.type}"
        raise _wrong(field.name, f"“{name}” takes {valid.replace('_', ' ')}.")
    return value


def _record(answer: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise InputError(
            "The answer is no JSON object.",
            code="invalid_answer",
            hint=f"Send an object with: {', '.join(sorted(known)) or 'nothing'}.",
            extra={"path": "/answer"},
        )
    for name in answer:
        if name not in known:
            raise _wrong(name, f"Nothing called “{name}” is asked.")
    return answer


def _wrong(name: str, message: str) -> InputError:
    return InputError(
        message, code="invalid_answer", hint="Correct it and answer again.", extra={"path": f"/answer/{name}"}
    )
