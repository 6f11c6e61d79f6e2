"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.flows import api

urlpatterns = [
    path("catalogue", api.CatalogueView.as_view(), name="catalogue"),
    path("templates", api.Templates.as_view(), name="templates"),
    path("flows", api.Flows.as_view(), name="flows"),
    path("flows/<uuid:id>", api.FlowDetail.as_view(), name="flow"),
    path("flows/<uuid:id>/draft", api.DraftDetail.as_view(), name="draft"),
    path("flows/<uuid:id>/ports", api.FlowPorts.as_view(), name="flow-ports"),
    path("flows/<uuid:id>/copy", api.Copy.as_view(), name="flow-copy"),
    path("flows/<uuid:id>/versions", api.Versions.as_view(), name="versions"),
    path("flows/<uuid:id>/versions/<int:number>", api.VersionDetail.as_view(), name="version"),
]
