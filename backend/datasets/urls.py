"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.datasets import api

urlpatterns = [
    path("datasets", api.Datasets.as_view(), name="datasets"),
    path("datasets/<uuid:id>", api.DatasetDetail.as_view(), name="dataset"),
    path("datasets/<uuid:id>/versions", api.DatasetVersions.as_view(), name="dataset-versions"),
    path("datasets/versions/<uuid:id>/examples", api.VersionExamples.as_view(), name="dataset-examples"),
]
