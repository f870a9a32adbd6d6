"""Every setting of the system, flat; each value of the environment is read through farmq.env.

This module does not know how the system was started: ``manage.py up`` hands an explicit
environment to its children, production hands it by its own means.
"""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue
from whitenoise.compress import Compressor

from farmq import addresses, env, logs, servers_file

BASE_DIR = env.BASE_DIR
FARMQ_DATA = env.data_folder()

# --- Safety -----------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret_key("SECRET_KEY")
FARMQ_ENCRYPTION_KEYS = env.encryption_keys("FARMQ_ENCRYPTION_KEYS")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
FARMQ_TRUSTED_PROXIES = env.networks("FARMQ_TRUSTED_PROXIES")
FARMQ_HTTPS = env.flag("FARMQ_HTTPS", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = FARMQ_HTTPS
SECURE_SSL_REDIRECT = FARMQ_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if FARMQ_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = FARMQ_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
FARMQ_REQUIRE_MFA = env.flag("FARMQ_REQUIRE_MFA", default=False)
if FARMQ_REQUIRE_MFA:
    env.not_built("FARMQ_REQUIRE_MFA", example="FARMQ_REQUIRE_MFA=false")

# --- The house --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "farmq",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pharmacies",
    "pharmacies.access",
    "network",
    "network.headscale_db",
    "network.fleet",
    "screens",
]
MIDDLEWARE = [
    "farmq.middleware.RequestMetricsMiddleware",
    "farmq.middleware.ResponseHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "farmq.middleware.TenantContextMiddleware",
]
ROOT_URLCONF = "farmq.urls"
WSGI_APPLICATION = "farmq.wsgi.application"
AUTH_USER_MODEL = "access.User"
KNOX_TOKEN_MODEL = "access.ApiToken"  # noqa: S105 -- the name of a model
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "farmq.admin_site.page_context",
            ],
        },
    },
]

# --- Language, time, files --------------------------------------------------------------------
LANGUAGES = [("ko", _("한국어")), ("en", _("영어"))]
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "ko", options=("ko", "en"))
LOCALE_PATHS = [BASE_DIR / "farmq" / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Asia/Seoul")
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
# Collected files (an image has them) are served compressed and under lasting names.
_collected = STATIC_ROOT.is_dir()
WHITENOISE_USE_FINDERS = not _collected
# Source maps are megabytes that only a debugger reads: served as they are.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = FARMQ_DATA / "media"

# --- Databases, broker, cache -----------------------------------------------------------------
FARMQ_SQLITE_URL = f"sqlite:///{FARMQ_DATA / 'farmq.sqlite3'}"
DATABASES: dict[str, dict[str, Any]] = {
    "default": addresses.own("DATABASE_URL", FARMQ_SQLITE_URL),
}
# The role that owns the tables and migrates; the ``migrate`` command alone uses it.
DATABASE_OWNER_GIVEN = env.is_given("DATABASE_OWNER_URL")
DATABASE_OWNER = (
    addresses.own("DATABASE_OWNER_URL", "") if DATABASE_OWNER_GIVEN else DATABASES["default"]
)
DATABASE_ROUTERS = ["network.headscale_db.router.HeadscaleDatabaseRouter"]
REDIS_URL = addresses.redis("REDIS_URL", f"unix://{FARMQ_DATA / 'valkey.sock'}")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "farmq",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    },
    # What all open dashboards ask for, in the memory of each web process.
    "moments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
FARMQ_STATS_KEPT_S = 2
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- The engine -------------------------------------------------------------------------------
FARMQ_SIMULATED = env.flag("FARMQ_SIMULATED", default=False)
_engines = servers_file.engines(simulated=FARMQ_SIMULATED)
HEADSCALE_SERVERS: list[dict[str, Any]] = _engines.servers
DATABASES |= _engines.databases

# --- Times: change + read-back < soft < hard < lease < visibility time-out (farmq.checks) -----
FARMQ_SYNC_INTERVAL = env.seconds("FARMQ_SYNC_INTERVAL", 10)
FARMQ_CHANGE_TIMEOUT = env.seconds("FARMQ_CHANGE_TIMEOUT", 120, at_most=3600)
FARMQ_READ_TIMEOUT = env.seconds("FARMQ_READ_TIMEOUT", 30, at_most=3600)
CELERY_TASK_SOFT_TIME_LIMIT = FARMQ_CHANGE_TIMEOUT + FARMQ_READ_TIMEOUT + 10
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 10
FARMQ_LEASE_S = env.seconds("FARMQ_LEASE_S", CELERY_TASK_TIME_LIMIT + 10)
FARMQ_VISIBILITY_S = env.seconds("FARMQ_VISIBILITY_S", max(900, 2 * FARMQ_LEASE_S))
FARMQ_SWEEP_INTERVAL = env.seconds("FARMQ_SWEEP_INTERVAL", 5)
FARMQ_SETTLE_MIN_S = env.seconds("FARMQ_SETTLE_MIN_S", 30)
FARMQ_RESTART_GRACE_S = env.seconds("FARMQ_RESTART_GRACE_S", 30)
FARMQ_RECONCILE_LIMIT_S = env.seconds("FARMQ_RECONCILE_LIMIT_S", 600)
FARMQ_WAIT_S = env.seconds("FARMQ_WAIT_S", 5, at_least=0)

# --- Celery: the broker is a doorbell, the rows are the truth ---------------------------------
CELERY_BROKER_URL = addresses.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": FARMQ_VISIBILITY_S,
    "unacked_restore_interval": 10,
    # The default looks for stale messages at every tenth interval only.
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 0.5,
    "global_keyprefix": "farmq.",
}
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = False
# Without an exchange and a key of its own, each queue would get every message.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name)
    for name in ("commands", "sync", "alerts", "default")
]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "farmq.schedule:TurningScheduler"
FARMQ_BEAT_FILE = env.text("FARMQ_BEAT_FILE", "", example="/tmp/beat")  # noqa: S108 -- an example
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = {
    "sync-servers": {
        "task": "network.tasks.sync_servers",
        "schedule": timedelta(seconds=FARMQ_SYNC_INTERVAL),
        "options": {"expires": 0.9 * FARMQ_SYNC_INTERVAL},
    },
    "read-servers-slowly": {
        "task": "network.tasks.read_servers_slowly",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 54},
    },
    "begin-isolated": {
        "task": "network.fleet.tasks.begin_isolated",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 54},
    },
    "sweep-commands": {
        "task": "network.tasks.sweep_commands",
        "schedule": timedelta(seconds=FARMQ_SWEEP_INTERVAL),
        "options": {"expires": 0.9 * FARMQ_SWEEP_INTERVAL},
    },
    "prune": {
        "task": "network.tasks.prune",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 82_800},
    },
}

# --- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["farmq.api.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["pharmacies.access.parsing.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "pharmacies.access.authentication.TokenAuthentication",
        "pharmacies.access.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["pharmacies.access.authentication.ScopedPermission"],
    "DEFAULT_PAGINATION_CLASS": "farmq.api.EnvelopePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "farmq.api_schema.EnvelopeAutoSchema",
    "EXCEPTION_HANDLER": "farmq.api.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "FARMQ Admin API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "farmq.api_schema.wrap_in_envelopes",
    ],
    "ENUM_NAME_OVERRIDES": {},
}

# --- Admin ------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": _("팜큐 관리자"),
    "SITE_HEADER": _("팜큐 관리자"),
    "SITE_URL": "/",
    "SITE_ICON": "farmq.admin_site.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "farmq.admin_site.mark"}],
    "SHOW_HISTORY": False,
    "COLORS": {
        "primary": {
            "50": "#eff6fc",
            "100": "#dcebf8",
            "200": "#bfdcf2",
            "300": "#92c4e8",
            "400": "#5ea4da",
            "500": "#3985c5",
            "600": "#0f4c81",
            "700": "#0d406d",
            "800": "#0e375b",
            "900": "#112f4c",
            "950": "#0b1e33",
        },
    },
    "GLOBAL_CALLBACK": "farmq.admin_site.site_context",
    "STYLES": ["farmq.admin_site.style_sheet"],
    "SIDEBAR": {"navigation": "farmq.navigation.navigation"},
    "DASHBOARD_CALLBACK": "farmq.admin_site.dashboard",
    "ENVIRONMENT": "farmq.admin_site.environment",
}

# --- Mail, backups, logs ----------------------------------------------------------------------
_mail = addresses.mail("EMAIL_URL")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
env.not_built("FARMQ_BACKUP_RECIPIENT", example="FARMQ_BACKUP_RECIPIENT=")
env.not_built("FARMQ_BACKUP_TARGET", example="FARMQ_BACKUP_TARGET=")
FARMQ_LOG_FORMAT = env.choice("FARMQ_LOG_FORMAT", "text", options=("text", "json"))
LOGGING = logs.configuration(FARMQ_LOG_FORMAT)
