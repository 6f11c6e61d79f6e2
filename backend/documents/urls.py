"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.documents import api, document_api

_ONE = "knowledge/<uuid:id>"
_DOC = "documents/<uuid:id>"

urlpatterns = [
    path("knowledge", api.KnowledgeBases.as_view(), name="knowledge-list"),
    path("knowledge/options", api.Options.as_view(), name="knowledge-options"),
    path("knowledge/import", api.KnowledgeImport.as_view(), name="knowledge-import"),
    path(
        "knowledge/bundled/<slug:name>/documents/<path:document>",
        document_api.BundledDocument.as_view(),
        name="bundled-document",
    ),
    path(_ONE, api.KnowledgeDetail.as_view(), name="knowledge"),
    path(f"{_ONE}/rebuild", api.KnowledgeRebuild.as_view(), name="knowledge-rebuild"),
    path(f"{_ONE}/check", api.KnowledgeCheck.as_view(), name="knowledge-check"),
    path(f"{_ONE}/search", api.KnowledgeSearch.as_view(), name="knowledge-search"),
    path(f"{_ONE}/preview", api.KnowledgePreview.as_view(), name="knowledge-preview"),
    path(f"{_ONE}/preview/file", api.KnowledgePreviewFile.as_view(), name="knowledge-preview-file"),
    path(f"{_ONE}/versions", api.Versions.as_view(), name="knowledge-versions"),
    path("knowledge-versions/<uuid:id>", api.VersionDetail.as_view(), name="knowledge-version"),
    path(f"{_ONE}/export", api.KnowledgeExport.as_view(), name="knowledge-export"),
    path(f"{_ONE}/cases", api.Cases.as_view(), name="knowledge-cases"),
    path(f"{_ONE}/cases/run", api.CasesRun.as_view(), name="knowledge-cases-run"),
    path("knowledge-cases/<uuid:id>", api.CaseDetail.as_view(), name="knowledge-case"),
    path(f"{_ONE}/documents", document_api.Documents.as_view(), name="documents"),
    path(f"{_ONE}/documents/facets", document_api.Facets.as_view(), name="document-facets"),
    path(f"{_ONE}/documents/act", document_api.DocumentsAct.as_view(), name="documents-act"),
    path(f"{_ONE}/files", document_api.Files.as_view(), name="knowledge-files"),
    path(f"{_ONE}/texts", document_api.Texts.as_view(), name="knowledge-texts"),
    path(f"{_ONE}/sources", document_api.Sources.as_view(), name="knowledge-sources"),
    path(f"{_ONE}/uploads", document_api.Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:id>", document_api.UploadDetail.as_view(), name="upload"),
    path(_DOC, document_api.DocumentDetail.as_view(), name="document"),
    path(f"{_DOC}/log", document_api.DocumentLogs.as_view(), name="document-log"),
    path(f"{_DOC}/original", document_api.Original.as_view(), name="document-original"),
    path(f"{_DOC}/text", document_api.DocumentText.as_view(), name="document-text"),
    path(f"{_DOC}/pages/<int:number>", document_api.PageImage.as_view(), name="document-page"),
    path(f"{_DOC}/chunks", document_api.Chunks.as_view(), name="chunks"),
    path(f"{_DOC}/chunks/<str:chunk>", document_api.ChunkDetail.as_view(), name="chunk"),
    path(f"{_DOC}/chunks/<str:chunk>/act", document_api.ChunkAct.as_view(), name="chunk-act"),
]
