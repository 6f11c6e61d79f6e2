"""The whole API at once: who gets in, whose ids count, and that no input breaks it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.accounts.services import token_create
from backend.hub.models import Connection

PUBLIC = {"health", "openapi", "session", "claim", "page", "framed"}
BY_LINK = {"shared-flow", "visits", "visit", "visit-messages", "visit-stop"} | {
    "visit-files",
    "visit-file",
    "visit-feedback",
}
"""For whoever has a link that is open: without one there is nothing."""
SAMPLES = {"uuid": str(uuid.uuid4()), "int": "1", "path": "anywhere"}


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    """Yields name and address of each route, with made-up ids."""
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            yield from routes(found, before + str(found.pattern))
        elif isinstance(found, URLPattern) and found.name not in PUBLIC:
            address = str(found.pattern)
            for name, converter in found.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower()
                for form in (f"<{kind}:{name}>", f"<{name}>"):
                    address = address.replace(form, SAMPLES.get(kind, "x"))
            yield str(found.name), "/" + before + address


ROUTES = list(routes(get_resolver()))


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address"), ROUTES, ids=[name for name, _ in ROUTES])
def test_nobody_gets_in_unasked(name: str, address: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    refused = {404, 405, 429} if name in BY_LINK else {401, 403, 405}
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(browser, method)(address, content_type="application/json")
        assert answer.status_code in refused, (method, answer.status_code)


def test_every_room_is_among_them() -> None:
    assert {"flows", "connections", "tokens", "runs"} <= {name for name, _ in ROUTES}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address"), ROUTES, ids=[name for name, _ in ROUTES])
def test_an_id_that_is_nobody_s_is_404(api: Any, name: str, address: str) -> None:
    if SAMPLES["uuid"] not in address:
        return
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(api, method)(address, {}, headers={"If-Match": '"1"'})
        assert answer.status_code in (404, 405, 429), (method, answer.status_code, answer.content[:200])


@pytest.mark.django_db
def test_another_person_s_flow_does_not_exist(api: Any, stranger_api: Any) -> None:
    flow = api.post("/api/v1/flows", {"name": "mine"}).json()["id"]
    api.post(f"/api/v1/flows/{flow}/versions", {})
    tried = 0
    for _, address in ROUTES:
        if not address.startswith(f"/api/v1/flows/{SAMPLES['uuid']}"):
            continue
        own = address.replace(SAMPLES["uuid"], flow)
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(stranger_api, method)(own, {}, headers={"If-Match": '"1"'})
            assert answer.status_code in (404, 405), (method, own, answer.status_code)
            tried += 1
    assert tried > 20
    assert api.get(f"/api/v1/flows/{flow}").json()["name"] == "mine"


@pytest.mark.django_db
def test_pages_carry_the_strict_headers(client: Client) -> None:
    for address in ("/", "/flows/anything/deep", "/api/v1/health"):
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.post("/anywhere").status_code in (403, 405)
    assert client.get("/api/v1/nowhere").json()["code"] == "not_found"


def test_a_foreign_host_header_is_refused(client: Client) -> None:
    answer = client.get("/api/v1/health", headers={"Host": "evil.example"})
    assert answer.status_code == 400


# ---------------------------------------------------------------- schemathesis over everything

DESCRIPTION = SchemaGenerator().get_schema(request=None, public=True)
SLOW = {"/api/v1/connections", "/api/v1/connections/check", "/api/v1/connections/{id}"}
"""They call out: tried by hand in tests/backend/hub."""
schema = schemathesis.openapi.from_dict(DESCRIPTION)
schema.app = get_wsgi_application()


@pytest.fixture
def fuzzer(transactional_db: None) -> User:
    return User.objects.create_user("fuzz", "a long enough pass phrase", is_owner=True)


def world(user: User, client: Any) -> dict[str, str]:
    """Makes one of each, so that made-up input meets real objects; returns ids by parameter."""
    flow = client.post("/api/v1/flows", {"template": "chatbot"}).json()["id"]
    client.post(f"/api/v1/flows/{flow}/versions", {})
    session = client.post(f"/api/v1/flows/{flow}/sessions", {})
    run = client.post(f"/api/v1/flows/{flow}/runs", {"version": "draft", "inputs": {"text": "hi"}})
    assert (session.status_code, run.status_code) == (201, 201), (session.content, run.content)
    token, _ = token_create(owner=user, name="one")
    connection = Connection.objects.create(owner=user, name=token.start, provider="openai")
    ids = {"flows": flow, "tokens": token.pk, "connections": connection.pk}
    return {
        **{room: str(id) for room, id in ids.items()},
        "flow_id": flow,
        "session_id": session.json()["id"],
        "run_id": run.json()["id"],
    }


def operations() -> list[Any]:
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.slow
@pytest.mark.picky
@pytest.mark.parametrize("operation", operations(), ids=lambda found: found.label)
def test_no_input_breaks_it(operation: Any, fuzzer: User, client_of: Any) -> None:
    _, token = token_create(owner=fuzzer, name="fuzz")
    client = client_of(fuzzer)
    calls_out = operation.path in SLOW and operation.method.upper() in ("POST", "PATCH")
    room = operation.path.split("/")[3]
    real: dict[str, str] = {}
    # To make a world is most of the work: a new one is made only where it may be gone.
    deletes = operation.method.upper() == "DELETE"

    @effort(
        max_examples=3 if calls_out or deletes else 8,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def fuzz(case: Any) -> None:
        if not real or deletes:
            real.update(world(fuzzer, client))
        for name in case.path_parameters or {}:
            case.path_parameters[name] = real.get(name, real.get(room) if name == "id" else 1)
        case.headers.pop("Prefer", None)  # it would wait for a worker that is not there
        sent = {"Authorization": f"Bearer {token}", "Host": "testserver", "If-Match": '"1"'}
        answer = case.call(headers=sent)
        assert answer.status_code < 500 or answer.status_code == 502, answer.text[:500]
        if answer.status_code >= 400:
            told = set(answer.json())
            # Who speaks the protocol of tools is answered in its own form.
            if not (operation.path.endswith("/mcp") and told == {"jsonrpc", "id", "error"}):
                assert told == {"code", "message", "hint", "extra"}, answer.text[:300]

    fuzz()


@pytest.mark.slow
@effort(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["graph", "nodes", "edges", "ui", "kind", "body", "a"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_document_breaks_it(api: Any, document: Any) -> None:
    try:
        answer = api.post("/api/v1/flows", {"document": document, "name": settings.VERSION})
    except (ValueError, UnicodeEncodeError):
        return  # the client itself refuses NaN and half characters
    assert answer.status_code < 500
