"""Django's settings, from the environment that backend/config/environment.py reads."""

from __future__ import annotations

from importlib.metadata import version

import dj_database_url

from backend.config.environment import ROOT, read_environment
from backend.config.joining import joined_keys
from backend.config.secrets import load_keys

ENVIRONMENT = read_environment()
_KEYS = joined_keys(ENVIRONMENT) if ENVIRONMENT.joins else load_keys(ENVIRONMENT)

VERSION = version("flowloft")
DATA = ENVIRONMENT.data
DEBUG = ENVIRONMENT.debug
SECRET_KEY = _KEYS.signing
FLOWLOFT_ENCRYPTION_KEY = _KEYS.encryption
BROKER_URL = ENVIRONMENT.broker_url
CELERY_URL = ENVIRONMENT.celery_url
CLAIM_FILE = DATA / "claim"

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *ENVIRONMENT.allowed_hosts]
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.origins)

APPS = sorted(
    found.parent.name for found in (ROOT / "backend").glob("*/apps.py") if found.parent.name != "config"
)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "backend.config",
    *(f"backend.{name}" for name in APPS),
]
MIGRATION_MODULES = {name: f"migrations.{name}" for name in APPS}
AUTH_USER_MODEL = "accounts.User"

MIDDLEWARE = [
    "backend.config.middleware.plain_requests",
    "django.middleware.security.SecurityMiddleware",
    "backend.config.middleware.strict_content",
    "backend.config.pages.FrontendFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "backend.config.urls"
ASGI_APPLICATION = "backend.config.asgi.application"
APPEND_SLASH = False
TEMPLATES: list[dict[str, object]] = []

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SQLITE = "backend.common.sqlite"
SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock at BEGIN: a DEFERRED transaction that turns to writing fails
    # at once under WAL instead of waiting.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}


KEEP_CONNECTION = 60
"""Seconds. Threads live on, in the web process (backend/config/web.py) as in the worker."""


def database(url: str) -> dict[str, object]:
    """Returns Django's description of a database; SQLite in the data directory for no URL."""
    if not url:
        return {
            "ENGINE": SQLITE,
            "NAME": str(DATA / "flowloft.sqlite3"),
            "OPTIONS": SQLITE_OPTIONS,
            "CONN_MAX_AGE": KEEP_CONNECTION,
        }
    found: dict[str, object] = dict(
        dj_database_url.parse(url, conn_max_age=KEEP_CONNECTION, conn_health_checks=True)
    )
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found |= {"ENGINE": SQLITE, "OPTIONS": SQLITE_OPTIONS}
    return found


DATABASES = {"default": database(ENVIRONMENT.database_url)}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

RUN_LEASE = ENVIRONMENT.run_lease
RUN_TIMEOUT = ENVIRONMENT.run_timeout
RUN_KEEP_DAYS = ENVIRONMENT.run_keep_days
UPLOAD_BYTES = ENVIRONMENT.upload_megabytes * 1024 * 1024
INGEST_AT_ONCE = ENVIRONMENT.ingest_at_once
FLOWLOFT_COMPONENTS = ENVIRONMENT.components
CACHE_BYTES = ENVIRONMENT.cache_megabytes * 1024 * 1024

# Names differ by domain name in case only once; the constraint says so better than unique=True.
SILENCED_SYSTEM_CHECKS = ["auth.E003"]

SESSION_COOKIE_NAME = f"flowloft_session_{ENVIRONMENT.port}"
CSRF_COOKIE_NAME = f"flowloft_csrf_{ENVIRONMENT.port}"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
_TLS = any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SECURE = _TLS
CSRF_COOKIE_SECURE = _TLS
CSRF_FAILURE_VIEW = "backend.common.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backend.accounts.authentication.AccessTokenAuthentication",
        "backend.accounts.authentication.CheckedSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["backend.common.json_body.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "URL_FORMAT_OVERRIDE": None,  # `?format=` says which file an export is
    "DEFAULT_PAGINATION_CLASS": "backend.common.pages.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"sign_in": "20/min", "visitors": "30/min"},
    "EXCEPTION_HANDLER": "backend.common.errors.error_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": 0,
    "COMPACT_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Flowloft",
    "VERSION": VERSION,
    "DESCRIPTION": "Draw, save and run flows of language models.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVERS": [{"url": "/"}],
    "ENUM_NAME_OVERRIDES": {
        "RunStatus": "backend.runs.states.Status",
        "ExportState": "backend.exports.states.JobState",
        "ExportForm": "backend.exports.states.Form",
        "DocumentState": "backend.documents.states.State",
        "DocumentStep": "backend.documents.states.Step",
        "JobState": "backend.compute.states.State",
        "EvaluationState": "backend.experiments.states.EvaluationState",
        "RowState": "backend.experiments.states.RowState",
        "PreviewForm": ["command", "script", "manifest"],
        "StudioStatus": ["ready", "degraded"],
        "PartState": ["ok", "down"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.config.openapi.add_components",
    ],
}

FRONTEND = ROOT / "frontend" / "dist"
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 0
STATIC_URL = "/assets/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        # At INFO these write a line for every task and every call, with its address.
        "celery": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "mcp": {"level": "WARNING"},
    },
}
