"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.compute import api

urlpatterns = [
    path("compute/kinds", api.BackendKinds.as_view(), name="backend-kinds"),
    path("compute/backends", api.Backends.as_view(), name="backends"),
    path("compute/backends/<uuid:id>", api.BackendDetail.as_view(), name="backend"),
    path("compute/backends/<uuid:id>/check", api.BackendCheck.as_view(), name="backend-check"),
    path("compute/backends/<uuid:id>/queue", api.BackendQueue.as_view(), name="backend-queue"),
    path("compute/choice", api.Choice.as_view(), name="backend-choice"),
    path("compute/jobs", api.Jobs.as_view(), name="jobs"),
    path("compute/jobs/<uuid:id>", api.JobDetail.as_view(), name="job"),
    path("compute/jobs/<uuid:id>/cancel", api.JobCancel.as_view(), name="job-cancel"),
    path("compute/jobs/<uuid:id>/logs", api.JobLogs.as_view(), name="job-logs"),
]
