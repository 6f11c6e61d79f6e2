"""Flows and the flows that they call."""

from __future__ import annotations

import hashlib
import uuid
from functools import partial
from typing import Any

from django.db.models import F, Max
from django.utils import timezone
from flowloft.bundle import FlowEntry
from flowloft.bundle.manifest import file_stem
from flowloft.bundle.needs import BY_CONNECTION, Reference, kind_places, kinds_of, references, rewrite
from flowloft.codegen.files import write_flow
from flowloft.codegen.shareable import shareable
from flowloft.core.errors import FlowError, FlowloftError
from flowloft.core.findings import has_errors
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec

from backend.common.errors import ApiError
from backend.common.json_body import refuse_unstorable
from backend.common.objects import objects_of
from backend.exports.flow_files import spec_of
from backend.exports.origins import origin_ids, origin_keep, origin_keys
from backend.exports.part import Arrival, Incoming, Options, Outgoing, OutgoingFlow, Part, Piece
from backend.flows.documents import Checked, check
from backend.flows.models import Draft, Flow, FlowVersion
from backend.flows.services import flow_create, version_publish
from backend.flows.subflows import OwnFlows
from backend.hub.services import BUILTIN
from backend.hub.source import HubModels

REPLACED = "The draft before an import"
IMPORTED = "Imported"


class Flows(Part):
    """The flows that were asked for, each as one document without secrets."""

    title = "Flows"
    order = 10

    def __init__(self) -> None:
        self._checked: list[tuple[Arrival, Checked, Flow | None]] = []

    def collect(self, going: Outgoing, options: Options) -> None:
        seen: dict[uuid.UUID, tuple[Flow, FlowSpec]] = {}
        todo = list(going.flows)
        while todo:
            flow_id, version = todo.pop(0)
            if flow_id in seen:
                continue
            flow, spec = spec_of(user=going.user, flow_id=flow_id, version=version)
            # In an archive the flows inside stand beside it, as flows of their own.
            kept = spec.model_copy(update={"flows": {}}) if going.archive else spec
            seen[flow_id] = (flow, shareable(kept))
            for reference in references(kept):
                self._follow(going, reference, todo)
            going.kinds |= kinds_of(kept)
        keys = origin_keys(owner=going.user, type="flow", ids=seen)
        inside = {str(flow_id): str(keys[flow_id]) for flow_id in seen} if going.archive else {}
        stems: list[str] = []
        for flow_id, (flow, spec) in sorted(seen.items(), key=lambda item: str(keys[item[0]])):
            stems.append(file_stem(flow.name, stems))
            portable = rewrite(spec, partial(_portable, inside))
            entry = FlowEntry(
                key=str(keys[flow_id]),
                name=flow.name,
                description=flow.description,
                path=f"flows/{stems[-1]}.json",
            )
            going.found.append(OutgoingFlow(entry, portable))
            content = write_flow(portable, "json", title=flow.name).encode()
            mark = hashlib.sha256(content).hexdigest()
            going.pieces.append(Piece(entry.path, len(content), mark, content))
        first = [str(keys[flow_id]) for flow_id, _ in going.flows]
        going.found.sort(key=lambda one: first.index(one.entry.key) if one.entry.key in first else len(first))

    def _follow(self, going: Outgoing, reference: Reference, todo: list[tuple[uuid.UUID, str]]) -> None:
        if reference.widget == "flow_version":
            return
        if not _is_flow(reference):
            known = going.references.setdefault(reference.widget, [])
            if reference.value not in known:
                known.append(reference.value)
            return
        try:
            called = objects_of(going.user, Flow).filter(pk=uuid.UUID(reference.value)).first()
        except ValueError:
            called = None
        if called is None:
            going.warnings.append(f"“{reference.node_id}” calls a flow that is not there any more.")
        elif not going.archive:
            return
        elif going.with_subflows:
            version = str(reference.beside.get("flow_version", "published"))
            if version == "published" and called.published_version is None:
                version = "draft"
            todo.append((called.pk, version))
        elif called.pk not in [asked for asked, _ in going.flows]:
            going.warnings.append(f"“{called.name}” is called and does not go with it.")

    def read(self, coming: Incoming) -> None:
        for arrival in coming.arrivals:
            try:
                refuse_unstorable(arrival.document)
                checked = check(arrival.document)
            except FlowloftError as error:
                if arrival.key is None or isinstance(error, ApiError):
                    raise
                coming.issues += _issues(arrival, error)
                continue
            existing = _existing(coming.user, arrival.key)
            self._checked.append((arrival, checked, existing))
            if existing is not None:
                coming.conflicts.append(
                    {
                        "type": "flow",
                        "key": str(arrival.key),
                        "id": str(existing.pk),
                        "name": existing.name,
                        "path": arrival.path,
                    }
                )
        self._look_for_what_is_missing(coming)

    def _look_for_what_is_missing(self, coming: Incoming) -> None:
        here = HubModels(coming.user.pk)
        inside = {str(arrival.key) for arrival, _, _ in self._checked}
        for arrival, checked, _ in self._checked:
            for kind, place in kind_places(checked.spec).items():
                if kind not in KINDS:
                    note(coming, arrival, place, f"There is no kind “{kind}” here.")
            for one in references(checked.spec):
                if one.widget in BY_CONNECTION and not _known(here, _bound(coming, one.value)):
                    note(coming, arrival, one.path, f"There is no model “{one.value}” here.")
                if (
                    _is_flow(one)
                    and one.value not in inside | {ref.rsplit("@", 1)[0] for ref in checked.spec.flows}
                    and _existing(coming.user, _uuid(one.value)) is None
                ):
                    note(
                        coming, arrival, one.path, "The flow that is called is neither in the file nor here."
                    )

    def apply(self, coming: Incoming) -> None:
        ids = coming.ids.setdefault("flow", {})
        new: list[Flow] = []
        for arrival, _, existing in self._checked:
            if arrival.key is not None:
                kept = existing is not None and coming.conflict != "copy"
                ids[str(arrival.key)] = str(existing.pk) if kept and existing else str(uuid.uuid4())
        for arrival, checked, existing in self._checked:
            document = self._here(coming, checked.spec).document()
            told = {"type": "flow", "key": str(arrival.key) if arrival.key else None, "path": arrival.path}
            if existing is None or coming.conflict == "copy":
                new.append(self._create(coming, arrival, document, told, copy=existing is not None))
            elif coming.conflict == "skip":
                note_ = "It is here already."
                coming.skipped.append({**told, "id": str(existing.pk), "name": existing.name, "note": note_})
            else:
                self._update(coming, arrival, existing, document, told)
        self._publish(coming, new)

    def _publish(self, coming: Incoming, new: list[Flow]) -> None:
        """Publishes new flows that are called as published ones; those that they call come before them."""
        calls = {str(flow.pk): _published_calls(flow) for flow in new}
        called = set().union(*calls.values()) & calls.keys()
        flows = {str(flow.pk): flow for flow in new}
        while called:
            ready = [one for one in sorted(called) if not calls[one] & called - {one}] or sorted(called)[:1]
            for one in ready:
                try:
                    version_publish(flow=flows[one], user=coming.user, message=IMPORTED)
                except FlowError as error:
                    coming.warnings.append(f"{flows[one].name} is not published: {error.message}")
            called -= set(ready)

    def _here(self, coming: Incoming, spec: FlowSpec) -> FlowSpec:
        """Returns the flow as it points at things of this studio."""

        def change(one: Reference) -> str:
            if one.widget in BY_CONNECTION:
                return _bound(coming, one.value)
            if _is_flow(one) and one.value not in coming.ids.get("flow", {}):
                found = _existing(coming.user, _uuid(one.value))
                return str(found.pk) if found else one.value
            return coming.ids.get(one.widget, {}).get(one.value, one.value)

        # What a draft runs is looked up; only a file by itself brings it along.
        return rewrite(spec, change)

    def _create(
        self,
        coming: Incoming,
        arrival: Arrival,
        document: dict[str, Any],
        told: dict[str, Any],
        *,
        copy: bool,
    ) -> Flow:
        name = f"{arrival.name[:190]} (copy)" if copy else arrival.name
        flow_id = uuid.UUID(coming.ids["flow"][str(arrival.key)]) if arrival.key else uuid.uuid4()
        begun = timezone.now()
        flow = flow_create(
            owner=coming.user, name=name, description=arrival.description, document=document, id=flow_id
        )
        if arrival.key is not None and not copy:
            origin_keep(owner=coming.user, type="flow", object_id=flow.pk, key=arrival.key)
        coming.created.append({**told, "id": str(flow.pk), "name": flow.name, "note": ""})
        if document.get("flows"):
            inside = Flow.objects.filter(owner=coming.user, created_at__gte=begun).exclude(pk=flow.pk)
            for one in inside.order_by("name"):
                coming.created.append({**told, "id": str(one.pk), "name": one.name, "note": "It is called."})
        return flow

    def _update(
        self, coming: Incoming, arrival: Arrival, flow: Flow, document: dict[str, Any], told: dict[str, Any]
    ) -> None:
        """Puts the imported flow in the place of the draft, which is kept as a version. What is
        published stays published: an import never changes what others use."""
        Flow.objects.select_for_update().get(pk=flow.pk)
        draft = Draft.objects.get(pk=flow.pk)
        told = {**told, "id": str(flow.pk), "name": arrival.name}
        same = draft.document == document
        if same and (flow.name, flow.description) == (arrival.name, arrival.description):
            coming.skipped.append({**told, "note": "It is here already, and the same."})
            return
        now = timezone.now()
        Flow.objects.filter(pk=flow.pk).update(
            name=arrival.name, description=arrival.description, updated_at=now
        )
        if not same:
            checked = check(document, OwnFlows(coming.user))
            _keep_draft(flow, draft, coming.user)
            Draft.objects.filter(pk=flow.pk).update(
                document=checked.document,
                node_count=checked.node_count,
                revision=F("revision") + 1,
                saved_at=now,
                saved_by=coming.user,
            )
            if not has_errors(checked.findings):
                _freeze(flow, checked.frozen, checked.node_count, IMPORTED, coming.user)
        coming.updated.append({**told, "note": "The draft before it is kept as a version."})


def note(coming: Incoming, arrival: Arrival, pointer: str, message: str) -> None:
    """Notes what a flow needs and nobody has here."""
    node_id = pointer.rpartition("/nodes/")[2].partition("/")[0]
    message = f"{arrival.name}, {node_id}: {message}"
    coming.missing.append({"path": arrival.place(pointer), "code": "missing", "message": message})


def _is_flow(reference: Reference) -> bool:
    return reference.widget == "flow"


def _portable(keys: dict[str, str], reference: Reference) -> str:
    """Returns what stands in the file: a flow's key in place of its id here, and of its versions only
    whether it is a published one, because that is the one in the file."""
    if _is_flow(reference):
        return keys.get(reference.value, reference.value)
    numbered = reference.widget == "flow_version" and reference.value.isdigit()
    return "published" if numbered and reference.beside.get("flow") in keys else reference.value


def _published_calls(flow: Flow) -> set[str]:
    """Returns the ids of flows that a draft calls as published ones."""
    spec = FlowSpec.model_validate(flow.draft.document)
    found = [one for one in references(spec) if one.widget == "flow_version" and one.value != "draft"]
    return {str(one.beside.get("flow", "")) for one in found}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _existing(user: Any, key: uuid.UUID | None) -> Flow | None:
    """Returns the person's flow that has a key; the newest where it was imported and copied."""
    if key is None:
        return None
    mine = objects_of(user, Flow).filter(pk__in=origin_ids(owner=user, type="flow", key=key))
    return mine.order_by("-created_at").first()


def _bound(coming: Incoming, ref: str) -> str:
    name, slash, model = ref.partition("/")
    return f"{coming.bindings.get(name, name)}{slash}{model}"


def _known(here: HubModels, ref: str) -> bool:
    name, _, model = ref.partition("/")
    if name == BUILTIN:
        return any(entry.ref == ref for entry in here.entries() if entry.builtin)
    try:
        here.resolve(ref)
    except FlowloftError:
        return False
    return bool(model)


def _keep_draft(flow: Flow, draft: Draft, user: Any) -> None:
    newest = flow.versions.order_by("-number").first()
    if newest is None or newest.document != draft.document:
        _freeze(flow, draft.document, draft.node_count, REPLACED, user)


def _freeze(flow: Flow, document: dict[str, Any], node_count: int, message: str, user: Any) -> None:
    last = flow.versions.aggregate(last=Max("number"))["last"] or 0
    FlowVersion.objects.create(
        flow=flow,
        number=last + 1,
        document=document,
        message=message,
        node_count=node_count,
        created_by=user,
    )


def _issues(arrival: Arrival, error: FlowloftError) -> list[dict[str, Any]]:
    findings = error.extra.get("findings") or [
        {"path": error.extra.get("path", ""), "code": error.error_code, "message": error.message}
    ]
    return [
        {"path": arrival.place(one["path"]), "code": one["code"], "message": one["message"]}
        for one in findings
    ]
