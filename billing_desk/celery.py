"""The Celery app: background work of every app, and the clock that starts it."""

import os

from celery import Celery

from billing_desk.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")

app = Celery("billing_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks(["ledger", "notifications", "verification", "tickets", "billing_desk.api"])
