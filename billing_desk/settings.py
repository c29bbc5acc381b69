"""All settings in one file; every one that differs between installations is read from the environment.

DATABASE_URL and REDIS_URL name servers of your own; without them the embedded ones are addressed (embedded.py).
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from billing_desk import embedded
from billing_desk.logs import hide_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = embedded.data_directory()


def flag(name: str, default: bool = False) -> bool:
    """Return whether an environment variable says yes."""
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def database(url: str, role: str) -> dict[str, object]:
    """Return Django's settings for a postgresql:// address, acting as `role` from the first statement on."""
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    options: dict[str, object] = {"server_side_binding": True, "prepare_threshold": 3, **query}
    if role:
        options["options"] = f"-c role={role}"
    pooled = int(os.environ.get("DATABASE_POOL", "0"))
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": pooled, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pooled else int(os.environ.get("DATABASE_MAX_AGE_S", "60")),
        "CONN_HEALTH_CHECKS": True,
    }


DEMO = flag("BILLING_DESK_DEMO")
DEBUG = flag("BILLING_DESK_DEBUG")
# A demo or a test run may live with a fixed key; a server that lacks its own refuses to start (checks.py).
SECRET_KEY = os.environ.get("BILLING_DESK_SECRET_KEY", "not-secret-demo-and-tests-only-0123456789abcdefghijklmnop")
ALLOWED_HOSTS = os.environ.get("BILLING_DESK_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
PUBLIC_URL = os.environ.get("BILLING_DESK_PUBLIC_URL", "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

#: The database role that web, worker and beat act as: it owns nothing and may only add facts. Empty: the owner.
DATABASE_ROLE = os.environ.get("DATABASE_ROLE", "")
DATABASES = {"default": database(os.environ.get("DATABASE_URL") or embedded.database_url(DATA_DIR), DATABASE_ROLE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "django_htmx",
    "django_structlog",
    "heroicons",
    "rest_framework",
    "drf_spectacular",
    "ledger",
    "notifications",
    "verification",
    "tickets",
    "billing_desk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "billing_desk.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "billing_desk.middleware.PageLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "billing_desk.urls"
ASGI_APPLICATION = "billing_desk.asgi.application"
WSGI_APPLICATION = "billing_desk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "billing_desk" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

#: The one table that joins what happened to what follows (ledger/events/outbox.py reads it).
REACTIONS = "billing_desk.reactions.REACTIONS"
#: Refuses a price that reaches running subscriptions before their customers can be told in time.
PRICE_CHECK = "ledger.subscriptions.price_notice.check_price_notice"

AUTH_USER_MODEL = "billing_desk.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/desk/sign-in"
LOGIN_REDIRECT_URL = "/desk/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

USE_TZ = True
TIME_ZONE = os.environ.get("BILLING_DESK_TIME_ZONE", "Europe/Berlin")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "billing_desk" / "locale"]
USE_I18N = True
#: What a browser keeps of the language somebody chose before signing in.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("BILLING_DESK_STATIC_ROOT", BASE_DIR / "staticfiles"))
MEDIA_ROOT = Path(os.environ.get("BILLING_DESK_FILES", DATA_DIR / "files"))
# A mail with a 30 MB file is 41 MB on the wire; what is too large is refused by file, never by losing the mail.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PUBLIC_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

#: The company whose bills these are.
COMPANY = {
    "name": os.environ.get("BILLING_DESK_COMPANY", "Nordlicht GmbH"),
    "billing_phone": os.environ.get("BILLING_DESK_PHONE", "+49 30 901820"),
    "billing_hours": os.environ.get("BILLING_DESK_HOURS", "Mon–Fri 09:00–17:30"),
    "currency": os.environ.get("BILLING_DESK_CURRENCY", "EUR"),
}
#: Who sells, as bills and tax rules name it; its country decides which tax is domestic.
SELLER_COUNTRY = os.environ.get("BILLING_DESK_SELLER_COUNTRY", "DE")
SELLER = {
    "name": COMPANY["name"],
    "address": os.environ.get("BILLING_DESK_SELLER_ADDRESS", "Nordlichtstraße 12, 10115 Berlin"),
    "country": SELLER_COUNTRY,
    "vat_id": os.environ.get("BILLING_DESK_SELLER_VAT_ID", "DE136695976"),
    "register": os.environ.get("BILLING_DESK_SELLER_REGISTER", "Amtsgericht Charlottenburg, HRB 123456 B"),
    "iban": os.environ.get("BILLING_DESK_SELLER_IBAN", "DE89370400440532013000"),
    "bic": os.environ.get("BILLING_DESK_SELLER_BIC", "COBADEFF"),
}
#: The first day (YYYY-MM-DD) whose bills are typeset when they are issued; older ones, such as those taken over from
#: another system, when somebody first opens them. Empty: all.
DOCUMENTS_FROM = os.environ.get("BILLING_DESK_DOCUMENTS_FROM", "")
#: Finds the billing line for a country and a language: mails, bills, portal and widget all ask it (one source).
BILLING_CONTACT = "tickets.channels.lines.billing_contact"
#: What else has a say when a month is closed: functions of layers above the books' close, each returns its checks.
MONTH_CHECKS = ("ledger.reconciliation.month_close.settlement_items",)
#: The currency the company reports in; gains and losses from other currencies are booked in it.
BOOK_CURRENCY = COMPANY["currency"]
#: How many days an exchange rate may be old: no reference rates come out on holidays, at most four days in a row.
FX_MAX_AGE_DAYS = int(os.environ.get("BILLING_DESK_FX_MAX_AGE_DAYS", "7"))
#: How long a refund to another card or account than the one that paid is kept back, so that a theft is noticed.
REFUND_TO_ANOTHER_METHOD_WAITS_HOURS = int(os.environ.get("BILLING_DESK_REFUND_TO_ANOTHER_METHOD_WAITS_HOURS", "24"))
#: The address customers write to, and the domain of the Message-IDs we make.
SUPPORT_ADDRESS = os.environ.get("BILLING_DESK_SUPPORT_ADDRESS", "billing@nordlicht.example")
MAIL_DOMAIN = SUPPORT_ADDRESS.rpartition("@")[2]

_smtp = urlsplit(os.environ.get("SMTP_URL", "smtp://localhost:2525"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "localhost", _smtp.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = f"{COMPANY['name']} Billing <{SUPPORT_ADDRESS}>"

#: Secret of the inbound mail hook and of the call hook (Standard Webhooks signature); empty means closed.
INBOUND_HOOK_SECRET = os.environ.get("BILLING_DESK_INBOUND_SECRET", "")

#: Who collects payments: the sandbox, which moves no money, or Stripe.
GATEWAY = os.environ.get("BILLING_DESK_GATEWAY", "sandbox")
#: Whether bills are charged to the card or account on file on their due day.
COLLECT_DUE = flag("BILLING_DESK_COLLECT_DUE")
STRIPE_SECRET_KEY = os.environ.get("BILLING_DESK_STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = os.environ.get("BILLING_DESK_STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = os.environ.get("BILLING_DESK_STRIPE_API_BASE", "https://api.stripe.com")
STRIPE_FILES_BASE = os.environ.get("BILLING_DESK_STRIPE_FILES_BASE", "https://files.stripe.com")
#: Days between telling a customer of a SEPA debit and the debit. Source: EPC016-06 (SDD Core Rulebook), 4.4: at least
#: 14 calendar days, unless another time is agreed; it is agreed with each mandate.
SEPA_NOTICE_DAYS = int(os.environ.get("BILLING_DESK_SEPA_NOTICE_DAYS", "2"))

CELERY_BROKER_URL = os.environ.get("REDIS_URL") or embedded.redis_url(DATA_DIR)
# Measured: without these a send to a dead broker blocks for seconds, and to a stalled one for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["billing_desk.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "billing_desk.api.errors.problem_response",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "billing desk API",
    "DESCRIPTION": "Charges, invoices, payments, refunds, disputes, subscriptions and tickets of one billing desk.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],
}
UNFOLD = {
    "SITE_TITLE": "billing desk",
    "SITE_HEADER": "billing desk",
    "SITE_URL": "/desk/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"hide_secrets": {"()": "billing_desk.logs.HideSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["hide_secrets"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    # One line per request is the web server's own work; structlog's two are for servers that collect JSON.
    "loggers": {
        "django_structlog": {"level": "WARNING" if DEMO else "INFO"},
        "django.request": {"filters": ["hide_secrets"]},
        "axes": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        hide_secrets,
        structlog.processors.KeyValueRenderer(key_order=["event"]) if DEMO else structlog.processors.JSONRenderer(),
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
