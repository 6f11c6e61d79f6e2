"""A call to a web service."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote

from pydantic import Field, field_validator

from flowloft.core.context import Context
from flowloft.core.fetch import Answer, fetch, fill_address
from flowloft.core.node import Effect, Node, fill, placeholders
from flowloft.core.types import as_text
from flowloft.nodes._keys import key_for

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]

_READS = frozenset({"GET", "HEAD"})
_REPEATABLE = frozenset({"PUT", "DELETE"})
_HEADER = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")


class _Answered(NamedTuple):
    output: Annotated[str, "The text that came back."]
    json: Annotated[Any, "The same as data, where it is JSON; else nothing."]
    status: Annotated[int, "The HTTP status, for instance 200."]
    headers: Annotated[dict[str, str], "The headers that came back, names in small letters."]


class HttpRequest(Node):
    """Calls a web service and gives what it answers.

    `{name}` in the address, the headers or the body becomes an input. Addresses inside the
    network of the studio are refused. A key is kept apart, and is sent to its own address only.
    A POST or PATCH is never sent twice, unless it is marked as safe to repeat; each carries an
    `Idempotency-Key` header.
    """

    title = "HTTP request"
    group = "network"
    icon = "world"
    cacheable = False

    method: Method = Field("GET", title="Method")
    url: str = Field(
        "https://",
        title="Address",
        max_length=4000,
        description="For example: https://api.example.com/search?q={question}",
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        title="Headers",
        max_length=50,
        description=(
            "Sent along. A key belongs into the field below: whoever sees the flow sees what stands here."
        ),
        json_schema_extra={"x-widget": "key_value"},
    )
    key: str = Field(
        "",
        title="Key",
        max_length=300,
        description="Kept encrypted apart from the flow, and sent to its own address only.",
        json_schema_extra={"x-widget": "secret_reference", "x-job": "service"},
    )
    key_header: str = Field(
        "Authorization",
        title="Header of the key",
        pattern=_HEADER.pattern,
        description="In Authorization a key of one word is sent as “Bearer …”.",
        json_schema_extra={"x-advanced": True},
    )
    body: str = Field(
        "",
        title="Body",
        max_length=500_000,
        description='In JSON, write a value as "{name}": it becomes the text, number or list that comes in.',
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )
    body_type: Literal["json", "text", "form"] = Field(
        "json", title="Body is", description="json, plain text, or a form written as a=1&b=2."
    )
    timeout: float = Field(
        30.0, title="Longest wait", gt=0, le=600, description="In seconds, for the whole call."
    )
    fail_on_error: bool = Field(
        True, title="Fail on an error status", description="Whether 400 and above fails this node."
    )
    safe_to_repeat: bool = Field(
        False,
        title="Safe to repeat",
        description="The service does nothing twice, even if the same request comes twice.",
        json_schema_extra={"x-advanced": True},
    )
    max_bytes: int = Field(
        2_000_000,
        title="Largest answer",
        ge=1,
        le=50_000_000,
        description="In bytes; a larger one fails.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("headers")
    @classmethod
    def _headers_fit(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER.match(name):
                raise ValueError(f"“{name}” is no name of a header")
            if "\n" in value or "\r" in value:
                raise ValueError(f"the header “{name}” has a line break in it")
        return headers

    def effect(self) -> Effect:
        if self.method in _READS:
            return "none"
        return "repeatable" if self.method in _REPEATABLE or self.safe_to_repeat else "once"

    def run(self, ctx: Context, **variables: Any) -> _Answered:
        url = fill_address(self.url, variables)
        known = key_for(ctx, self.key, url)
        answer = fetch(
            ctx,
            self.method,
            url,
            headers=self._sent_headers(ctx, variables, known.any_key()),
            body=self._sent_body(variables),
            timeout=self.timeout,
            max_bytes=self.max_bytes,
        )
        if self.fail_on_error:
            answer.require_success()
        # A service that tells what it was sent would write the key into the run.
        answer = replace(answer, text=known.hidden(answer.text))
        headers = {name: known.hidden(value) for name, value in answer.headers.items()}
        return _Answered(answer.text, _data(answer), answer.status, headers)

    def _sent_headers(self, ctx: Context, variables: dict[str, Any], key: str) -> dict[str, str]:
        kinds = {"json": "application/json", "text": "text/plain; charset=utf-8"}
        sent: dict[str, str] = {}
        if self.body:
            sent["content-type"] = kinds.get(self.body_type, "application/x-www-form-urlencoded")
        if ctx.idempotency_key:
            sent["idempotency-key"] = ctx.idempotency_key
        for name, value in self.headers.items():
            sent[name.lower()] = " ".join(fill(value, variables).splitlines())
        if key:
            header = self.key_header.lower()
            sent[header] = f"Bearer {key}" if header == "authorization" and " " not in key else key
        return sent

    def _sent_body(self, variables: dict[str, Any]) -> bytes:
        if not self.body:
            return b""
        if self.body_type == "form":
            quoted = {name: quote(as_text(value), safe="") for name, value in variables.items()}
            return fill(self.body, quoted).encode()
        if self.body_type == "json":
            try:
                parsed = json.loads(self.body)
            except ValueError:
                escaped = {name: json.dumps(value, ensure_ascii=False) for name, value in variables.items()}
                return fill(self.body, escaped).encode()
            return json.dumps(_filled(parsed, variables), ensure_ascii=False).encode()
        return fill(self.body, variables).encode()


def _filled(part: Any, variables: dict[str, Any]) -> Any:
    """Fills the texts of a JSON value; one that is a single placeholder becomes the value itself."""
    if isinstance(part, dict):
        return {fill(key, variables): _filled(value, variables) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(item, variables) for item in part]
    if isinstance(part, str):
        names = placeholders(part)
        if len(names) == 1 and part == f"{{{names[0]}}}" and names[0] in variables:
            return variables[names[0]]
        return fill(part, variables)
    return part


def _data(answer: Answer) -> Any:
    try:
        return json.loads(answer.text)
    except ValueError:
        return None
