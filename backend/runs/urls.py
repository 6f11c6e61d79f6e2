"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.runs import api

urlpatterns = [
    path("flows/<uuid:flow_id>/runs", api.FlowRuns.as_view(), name="flow-runs"),
    path("flows/<uuid:flow_id>/runs/preview", api.PreviewRun.as_view(), name="run-preview"),
    path("runs", api.Runs.as_view(), name="runs"),
    path("runs/<uuid:run_id>", api.OneRun.as_view(), name="run"),
    path("runs/<uuid:run_id>/document", api.RunDocument.as_view(), name="run-document"),
    path("runs/<uuid:run_id>/cancel", api.CancelRun.as_view(), name="run-cancel"),
    path("runs/<uuid:run_id>/answers", api.RunAnswers.as_view(), name="run-answers"),
    path("runs/<uuid:run_id>/compare/<uuid:other_id>", api.CompareRuns.as_view(), name="run-compare"),
    path("runs/<uuid:run_id>/outputs", api.StepValues.as_view(), name="run-outputs"),
    path("runs/<uuid:run_id>/events", api.RunEvents.as_view(), name="run-events"),
]
