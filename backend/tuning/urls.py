"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.tuning import api

urlpatterns = [
    path("tuning/bases", api.Bases.as_view(), name="tune-bases"),
    path("tuning/form", api.WishForm.as_view(), name="tune-form"),
    path("tuning/choice", api.Choosing.as_view(), name="tune-choice"),
    path("tuning/places", api.Places.as_view(), name="tune-places"),
    path("tuning/jobs", api.Tunes.as_view(), name="tunes"),
    path("tuning/jobs/<uuid:id>", api.TuneDetail.as_view(), name="tune"),
    path("tuning/jobs/<uuid:id>/cancel", api.TuneCancel.as_view(), name="tune-cancel"),
    path("tuning/jobs/<uuid:id>/resume", api.TuneResume.as_view(), name="tune-resume"),
    path("tuning/jobs/<uuid:id>/records", api.TuneRecords.as_view(), name="tune-records"),
    path("tuning/jobs/<uuid:id>/serve", api.TuneServe.as_view(), name="tune-serve"),
    path("tuning/ask", api.AskModel.as_view(), name="tune-ask"),
    path("tuning/jobs/<uuid:id>/keep", api.TuneKeep.as_view(), name="tune-keep"),
]
