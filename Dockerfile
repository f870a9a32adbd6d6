# One argument pins the engine: the server and the command line of it that the worker calls.
ARG HEADSCALE_VERSION=0.29.2
FROM headscale/headscale:${HEADSCALE_VERSION} AS engine

FROM python:3.11-slim-bookworm AS base
RUN groupadd --gid 10001 farmq \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent farmq \
    && mkdir -p /var/lib/headscale /var/run/headscale \
    && chown 10001:10001 /var/lib/headscale /var/run/headscale
COPY --from=engine /ko-app/headscale /usr/local/bin/headscale

FROM base AS headscale
USER 10001:10001

FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --only-binary=:all: --require-hashes -r requirements.txt

FROM base AS farmq
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/farmq
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY farmq farmq
COPY screens screens
COPY network network
COPY pharmacies pharmacies
COPY templates templates
# The settings need values to be read at all; none of these reaches the image.
RUN mkdir staticfiles \
    && SECRET_KEY=only-while-the-static-files-are-collected-and-never-again \
       FARMQ_ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
       HEADSCALE_COMMAND=headscale FARMQ_DATA=/tmp python manage.py collectstatic --no-input \
    && python -m compileall -q .
USER 10001:10001
