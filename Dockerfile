# The one image of web, worker, beat and migrate: see docker-compose.yml.

FROM node:22-bookworm-slim AS frontend
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /portal
COPY .npmrc package.json package-lock.json ./
COPY hscp/frontend.py hscp/frontend.py
# By its path: as a module it would bring in Celery, which this stage does not have. -P keeps its folder off the path.
RUN python3 -P hscp/frontend.py

FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
    && install --directory --owner portal --mode 0700 /documents /beat
# A new volume takes the owner of the folder that it covers.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    DJANGO_SETTINGS_MODULE=hscp.settings.production \
    DOCUMENTS_DIR=/documents
WORKDIR /portal
COPY --from=packages /venv /venv
COPY . .
COPY --from=frontend /portal/static/vendor static/vendor
# Collecting needs no secret; the values only satisfy the settings, and stay out of the image.
RUN SECRET_KEY=none DATABASE_URL=postgresql:// REDIS_URL=redis:// EMAIL_URL=consolemail:// \
    ALLOWED_HOSTS=localhost PORTAL_ADDRESS=https://localhost \
    python manage.py collectstatic --no-input \
    && python -m compileall -q hscp partnership learninghubs schools scrutiny
USER portal
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "hscp.healthcheck", "web"]
CMD ["gunicorn", "--config", "python:hscp.gunicorn"]
