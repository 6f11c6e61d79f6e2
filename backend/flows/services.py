"""What happens to flows. Each change is one short transaction; checking happens before it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from flowloft.core.errors import FlowError
from flowloft.core.findings import has_errors
from flowloft.core.node import Port
from flowloft.core.spec import FlowSpec
from flowloft.engine.compile import flow_ports
from flowloft.templates import template as template_of

from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.flows.documents import Checked, apply_patch, check, empty_document
from backend.flows.models import Draft, Flow, FlowVersion
from backend.flows.subflows import OwnFlows, brought_along, renamed

UNTITLED = "Untitled flow"


def flow_create(
    *,
    owner: Any,
    name: str = "",
    description: str = "",
    template: str = "",
    document: Any = None,
    id: UUID | None = None,
) -> Flow:
    """Makes a flow from a template, from a document, or empty; under a new id where none is given."""
    if template:
        chosen = template_of(template)
        document = chosen.document.document()
        name, description = name or chosen.title, description or chosen.description
    with transaction.atomic():
        checked = check(empty_document() if document is None else document, OwnFlows(owner))
        if document is not None and document.get("flows"):
            checked = check(_adopted(document, owner), OwnFlows(owner))
        flow = Flow.objects.create(
            id=id or uuid4(), owner=owner, name=name or UNTITLED, description=description
        )
        flow.draft = Draft.objects.create(
            flow=flow,
            document=checked.document,
            node_count=checked.node_count,
            saved_at=flow.created_at,
            saved_by=owner,
        )
    return flow


def _adopted(document: dict[str, Any], owner: Any) -> dict[str, Any]:
    """Makes flows of the person's own of those that a document brings along, and lets it run these."""
    strange = brought_along(document, owner)
    ids: dict[str, str] = {}
    made: list[tuple[Flow, dict[str, Any]]] = []
    for flow_id, saved in strange.items():
        inner = FlowSpec(graph=saved.graph).document()
        flow = flow_create(owner=owner, name=saved.title, document=inner)
        ids[flow_id] = str(flow.pk)
        made.append((flow, inner))
    for flow, inner in made:
        graph = renamed(inner["graph"], ids)
        if graph != inner["graph"]:
            Draft.objects.filter(pk=flow.pk).update(document={**inner, "graph": graph})
    return {**document, "graph": renamed(document.get("graph", {}), ids)}


def flow_update(*, flow: Flow, **changes: str) -> Flow:
    """Changes name or description."""
    changed = {"updated_at": timezone.now(), **changes}
    Flow.objects.filter(pk=flow.pk).update(**changed)
    for name, value in changed.items():
        setattr(flow, name, value)
    return flow


def flow_copy(*, flow: Flow, owner: Any, name: str = "", document: Any = None) -> Flow:
    """Makes a flow of its own out of a draft, or out of what somebody has instead of it."""
    if document is None:
        document = flow.draft.document
    return flow_create(
        owner=owner,
        name=name or f"{flow.name[:190]} (copy)",
        description=flow.description,
        document=document,
    )


def stale(draft: Draft) -> ApiError:
    """Returns the refusal to overwrite what somebody saved meanwhile."""
    return ApiError(
        412,
        "stale_revision",
        "The flow has been saved elsewhere in the meantime.",
        "Reload it, keep yours as a copy, or compare the two.",
        revision=draft.revision,
        saved_at=draft.saved_at.isoformat(),
        saved_by=draft.saved_by.username if draft.saved_by else None,
    )


def draft_save(*, flow: Flow, user: Any, revision: int, document: Any) -> tuple[Draft, Checked]:
    """Replaces the draft, if it is still at ``revision``.

    Raises:
        ApiError: 412 ``stale_revision``, with what is there now.
    """
    _require(flow, revision)
    return _store(flow, user, revision, check(document, OwnFlows(user)))


def draft_patch(*, flow: Flow, user: Any, revision: int, operations: Any) -> tuple[Draft, Checked]:
    """Changes the draft by a JSON Patch, if it is still at ``revision``; as :func:`draft_save`."""
    draft = _require(flow, revision)
    if operations == []:
        return draft, check(draft.document, OwnFlows(user))
    return _store(flow, user, revision, check(apply_patch(draft.document, operations), OwnFlows(user)))


def _require(flow: Flow, revision: int) -> Draft:
    draft = Draft.objects.select_related("saved_by").get(pk=flow.pk)
    if draft.revision != revision:
        raise stale(draft)
    return draft


def _store(flow: Flow, user: Any, revision: int, checked: Checked) -> tuple[Draft, Checked]:
    now = timezone.now()
    with transaction.atomic():
        # The condition decides between savers: whoever comes second changes no row.
        saved = Draft.objects.filter(pk=flow.pk, revision=revision).update(
            document=checked.document,
            node_count=checked.node_count,
            revision=F("revision") + 1,
            saved_at=now,
            saved_by=user,
        )
        if saved:
            Flow.objects.filter(pk=flow.pk).update(updated_at=now)
    if not saved:
        raise stale(Draft.objects.select_related("saved_by").get(pk=flow.pk))
    draft = Draft(pk=flow.pk, document=checked.document, revision=revision + 1, saved_at=now, saved_by=user)
    return draft, checked


def version_publish(*, flow: Flow, user: Any, message: str = "") -> FlowVersion:
    """Freezes the draft under the next number.

    Raises:
        FlowError: ``has_errors``, with the findings: a version has to run.
    """
    document = Draft.objects.values_list("document", flat=True).get(pk=flow.pk)
    checked = check(document, OwnFlows(user))
    if has_errors(checked.findings):
        raise FlowError(
            "The flow has errors, so it cannot be published.",
            code="has_errors",
            hint="Correct the marked nodes first.",
            extra={"path": checked.findings[0].path, "findings": checked.remarks()},
        )
    with transaction.atomic():
        Flow.objects.select_for_update().get(pk=flow.pk)
        last = flow.versions.aggregate(last=Max("number"))["last"] or 0
        made = FlowVersion.objects.create(
            flow=flow,
            number=last + 1,
            document=checked.frozen,
            message=message,
            node_count=checked.node_count,
            created_by=user,
        )
        Flow.objects.filter(pk=flow.pk).update(published_version=made.number, updated_at=made.created_at)
    return made


def document_of(*, user: Any, flow_id: Any, version: str | int) -> tuple[Flow, dict[str, Any], int | None]:
    """Returns what a run of ``"draft"``, ``"published"`` or a numbered version is made of.

    Returns:
        The flow, the document, and the number of the version; None for the draft.

    Raises:
        ApiError: 404; 409 ``not_published`` for ``"published"`` where nothing is.
    """
    flow = object_for(user, Flow, flow_id)
    if version == "draft":
        return flow, Draft.objects.values_list("document", flat=True).get(pk=flow.pk), None
    number = flow.published_version if version == "published" else version
    if number is None:
        raise ApiError(
            409, "not_published", "The flow has no published version.", "Publish it, or run the draft."
        )
    found = version_get(flow=flow, number=int(number))
    return flow, found.document, found.number


def ports_of(*, user: Any, flow_id: Any, version: str | int) -> tuple[list[Port], list[Port]]:
    """Returns what a flow takes and what it gives, for a node of another flow that runs it.

    Raises:
        ApiError: As :func:`document_of`.
    """
    _, document, _ = document_of(user=user, flow_id=flow_id, version=version)
    return flow_ports(check(document).spec.graph)


def version_get(*, flow: Flow, number: int) -> FlowVersion:
    """Returns one version.

    Raises:
        ApiError: 404 ``no_such_version``.
    """
    found = flow.versions.filter(number=number).first() if 0 < number < 2**31 else None
    if found is None:
        raise ApiError(
            404,
            "no_such_version",
            f"The flow has no version {number}.",
            f"Its newest is {flow.published_version or 'the draft'}.",
        )
    return found
