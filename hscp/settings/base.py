"""Settings common to every environment. What may differ between machines comes from ``environment``."""

from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry

from hscp.settings.environment import env

BASE_DIR = Path(__file__).resolve().parents[2]

# --- What this portal is called -----------------------------------------------------------------------------------

PORTAL_NAME = "Hertfordshire Safeguarding Children Partnership"
PORTAL_SHORT_NAME = "HSCP"
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="hscp.business.unit@example.org")
PORTAL_ADDRESS = env.str("PORTAL_ADDRESS", default="http://localhost:8000").rstrip("/")

# --- Django -------------------------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
ROOT_URLCONF = "hscp.urls"
WSGI_APPLICATION = "hscp.wsgi.application"
AUTH_USER_MODEL = "partnership.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "partnership",
    "schools",
    "learninghubs",
    "scrutiny",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_forms_gds",
    "csp",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partnership.middleware.KeepTypedTextMiddleware",
    "partnership.middleware.SecondFactorMiddleware",
    "partnership.middleware.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["partnership.templatetags.portal", "hscp.lib.govuk_tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "partnership.context_processors.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database, queue, cache ---------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # a service is the transaction (docs/architecture.md)

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "hscp.lib.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)},  # seconds
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request must not wait for a queue that is down (no tries after the first): the row is there, and beat will find it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_connect_timeout": 2,  # seconds, as are the next two
    "socket_timeout": 5,
    "visibility_timeout": 3600,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800  # seconds; no task is meant to take minutes, and one that hangs must not keep its worker
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/London"
# What has waited for a worker longer than a minute is thrown away: the next one does the same.
EVERY_MINUTE = {"schedule": timedelta(minutes=1), "options": {"expires": 60}}  # seconds
CELERY_BEAT_SCHEDULE = {
    "beat heartbeat": {"task": "hscp.health.beat_heartbeat", "schedule": timedelta(seconds=30)},
    "deliver messages": {"task": "partnership.jobs.deliver_due_messages"} | EVERY_MINUTE,
    "make documents": {"task": "partnership.jobs.make_wanted_documents"} | EVERY_MINUTE,
    "tidy up": {"task": "partnership.jobs.tidy_up", "schedule": timedelta(hours=24)},
    "late papers": {"task": "partnership.jobs.tell_of_late_papers", "schedule": timedelta(minutes=15)},
    "close accounts": {"task": "partnership.jobs.close_accounts_of_leavers", "schedule": crontab(hour="0", minute="5")},
    "register imports": {"task": "schools.jobs.resume_register_imports"} | EVERY_MINUTE,
    "contact imports": {"task": "schools.jobs.resume_contact_imports"} | EVERY_MINUTE,
    "collections": {"task": "schools.jobs.open_and_close_collections", "schedule": timedelta(minutes=15)},
    "remind schools": {"task": "schools.jobs.send_reminders", "schedule": crontab(hour="8-16", minute="10")},
    "move differences up": {
        "task": "partnership.jobs.move_up_unanswered_escalations",
        "schedule": crontab(hour="7-17", minute="15"),
    },
    "send newsletters": {"task": "learninghubs.jobs.send_newsletters"} | EVERY_MINUTE,
    "tell authors": {"task": "learninghubs.jobs.tell_authors"} | EVERY_MINUTE,
    "forget readers": {
        "task": "learninghubs.jobs.forget_unconfirmed_readers",
        "schedule": crontab(hour="3", minute="35"),
    },
    "forget unconfirmed suggestions": {
        "task": "learninghubs.jobs.forget_unconfirmed_suggestions",
        "schedule": crontab(hour="2", minute="40"),
    },
    "newsletter drafts": {"task": "learninghubs.jobs.draft_newsletters", "schedule": crontab(hour="6-18", minute="20")},
    "newsletter PDFs": {"task": "learninghubs.jobs.want_newsletter_pdfs"} | EVERY_MINUTE,
    "forget unconfirmed bookings": {
        "task": "learninghubs.jobs.forget_unconfirmed_bookings",
        "schedule": crontab(hour="2", minute="50"),
    },
    "ask about forums": {
        "task": "learninghubs.jobs.send_evaluation_links",
        "schedule": crontab(hour="8-18", minute="25"),
    },
    "remind of actions": {"task": "partnership.jobs.send_action_digests", "schedule": crontab(hour="7-11", minute="5")},
}

# --- Language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# --- Files --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Private: nothing under here has an address of its own; every download is a permission check
# (partnership.engine.documents).
MEDIA_ROOT = Path(env.str("DOCUMENTS_DIR", default=str(BASE_DIR / ".data" / "documents")))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
PAPER_MOST_BYTES = env.int("PAPER_MOST_BYTES", default=20 * 1024 * 1024)  # of one paper of a meeting
PAPERS_OUT_DAYS = env.int("PAPERS_OUT_DAYS", default=5)  # working days before a meeting, where its group has none
BOUNCE_SECRET = env.str("BOUNCE_SECRET", default="")  # of the mail service that reports bounces; empty: none does
NEWSLETTER_EVERY_WEEKS = env.int("NEWSLETTER_EVERY_WEEKS", default=4)  # from an issue to the next draft
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Sign-in ------------------------------------------------------------------------------------------------------

# Only for who somebody is; what they may do is asked of partnership.engine.access (User.has_perm).
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "partnership.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # sign-up is closed; the password is what makes sign-in ask for one
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by invitation; the invitation link is the proof of address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900  # seconds
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True  # one address each, replaced once the new one is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # "your password has been changed", to the person it was changed for
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,3/m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
    "accept_invitation": "30/m/ip",
    "structure_pdf": "20/m/ip",
    "suggestion": "120/h/ip,5/h/key,15/d/key",
    "suggestion_signed_in": "30/h/user",
    "suggestion_links": "30/h/ip,3/h/key",
    "book_forum": "30/m/ip,5/h/key",
    "forum_link": "60/m/ip",
    "subscribe": "30/m/ip",
    "newsletter_link": "120/m/ip",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "HSCP portal"
ACCOUNT_FORMS = {
    "login": "partnership.account_forms.LoginForm",
    "request_login_code": "partnership.account_forms.RequestLoginCodeForm",
    "confirm_login_code": "partnership.account_forms.ConfirmLoginCodeForm",
    "reset_password": "partnership.account_forms.ResetPasswordForm",
    "reset_password_from_key": "partnership.account_forms.ResetPasswordKeyForm",
    "change_password": "partnership.account_forms.ChangePasswordForm",
    "set_password": "partnership.account_forms.SetPasswordForm",
    "reauthenticate": "partnership.account_forms.ReauthenticateForm",
    "add_email": "partnership.account_forms.AddEmailForm",
}
MFA_ADAPTER = "partnership.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "partnership.account_forms.AuthenticateForm",
    "reauthenticate": "partnership.account_forms.ReauthenticateWithCodeForm",
    "activate_totp": "partnership.account_forms.ActivateTOTPForm",
    "add_webauthn": "partnership.account_forms.AddWebAuthnForm",
    "edit_webauthn": "partnership.account_forms.EditWebAuthnForm",
}
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
INVITATION_DAYS = 28

# Seconds: a working day, counted from sign-in. The cookie itself goes with the browser (ACCOUNT_SESSION_REMEMBER); what
# somebody types when the day is over is kept for them (KeepTypedTextMiddleware).
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "partnership.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# NCSC: long passwords, no composition rules, a deny-list of common ones.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]

# --- Headers ------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Forms, mail, history, logging -----------------------------------------------------------------------------------

PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

CRISPY_ALLOWED_TEMPLATE_PACKS = ["gds"]
CRISPY_TEMPLATE_PACK = "gds"
FILTERS_EMPTY_CHOICE_LABEL = "All"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="HSCP portal <portal@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20  # seconds

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"discreet": {"()": "hscp.lib.discretion.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"filters": ["discreet"]},
        "django.security.csrf": {"filters": ["discreet"]},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
