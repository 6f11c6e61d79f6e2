"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.experiments import api, experiment_api

urlpatterns = [
    path("metrics", api.Metrics.as_view(), name="metrics"),
    path("evaluations", api.Evaluations.as_view(), name="evaluations"),
    path("evaluations/plan", api.EvaluationPlan.as_view(), name="evaluation-plan"),
    path("evaluations/<uuid:id>", api.OneEvaluation.as_view(), name="evaluation"),
    path("evaluations/<uuid:id>/cancel", api.CancelEvaluation.as_view(), name="evaluation-cancel"),
    path("evaluations/<uuid:id>/rows", api.EvaluationRows.as_view(), name="evaluation-rows"),
    path("evaluations/<uuid:id>/dataset", api.RowsDataset.as_view(), name="evaluation-dataset"),
    path(
        "evaluations/<uuid:id>/compare/<uuid:other>",
        api.CompareEvaluations.as_view(),
        name="evaluations-compare",
    ),
    path("experiments", experiment_api.Experiments.as_view(), name="experiments"),
    path("experiments/plan", experiment_api.ExperimentPlan.as_view(), name="experiment-plan"),
    path("experiments/<uuid:id>", experiment_api.OneExperiment.as_view(), name="experiment"),
    path("experiments/<uuid:id>/cancel", experiment_api.CancelExperiment.as_view(), name="experiment-cancel"),
    path("experiments/<uuid:id>/apply", experiment_api.ApplyTrial.as_view(), name="experiment-apply"),
]
