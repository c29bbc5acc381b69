"""ASGI entry point, for uvicorn."""

import logging
import os

from django.core.asgi import get_asgi_application

from billing_desk.logs import HideSecrets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")
# Under ASGI every request has a thread of its own and would open a connection of its own: the pool keeps some.
os.environ.setdefault("DATABASE_POOL", "10")

logging.getLogger("uvicorn.access").addFilter(HideSecrets())

application = get_asgi_application()
