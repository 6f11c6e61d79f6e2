"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.serving import api

urlpatterns = [
    path("local/environment", api.Environment.as_view(), name="local-environment"),
    path("local/measurements", api.Measurements.as_view(), name="local-measurements"),
    path("local/hardware", api.Machine.as_view(), name="local-hardware"),
    path("local/frameworks", api.Frameworks.as_view(), name="local-frameworks"),
    path("local/rates", api.Rates.as_view(), name="local-rates"),
    path("local/models", api.LocalModels.as_view(), name="local-models"),
    path("local/models/<uuid:id>", api.LocalModelDetail.as_view(), name="local-model"),
    path("local/models/<uuid:id>/fits", api.LocalModelFits.as_view(), name="local-model-fits"),
    path("services", api.Services.as_view(), name="services"),
    path("services/<uuid:id>", api.ServiceDetail.as_view(), name="service"),
    path("services/<uuid:id>/start", api.ServiceStart.as_view(), name="service-start"),
    path("services/<uuid:id>/stop", api.ServiceStop.as_view(), name="service-stop"),
    path("services/<uuid:id>/adapters", api.Adapters.as_view(), name="service-adapters"),
    path("services/<uuid:id>/adapters/<str:name>", api.AdapterDetail.as_view(), name="service-adapter"),
    path("services/<uuid:id>/v1/<path:path>", api.Gateway.as_view(), name="service-gateway"),
]
