# syntax=docker/dockerfile:1
# The service with its models inside: no network is needed at run time, and no work at the first
# start. Check it without an engine:  make image-check

FROM node:22-slim AS explorer
WORKDIR /build
COPY kgbuild/serve/web/ ./
RUN npm ci --no-audit --no-fund && npm run build

FROM python:3.11-slim AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PATH=/opt/kgbuild/bin:$PATH KGBUILD_CACHE=/opt/models PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/kgbuild
COPY constraints.txt ./
COPY hashes/ hashes/
# taken only with the contents that are listed; torch, which isn't, finds all that it needs here
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --no-deps -r hashes/service.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --index-url "$TORCH_INDEX" "$(grep '^torch==' constraints.txt)"
COPY pyproject.toml README.md LICENSE ./
COPY kgbuild/ kgbuild/
COPY storage/ storage/
COPY alembic/ alembic/
COPY --from=explorer /build/dist/ kgbuild/serve/web/dist/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --no-build-isolation -c constraints.txt '.[serve,postgres,mcp]'
# from here, or `kgbuild` would be found in the sources; verifying converts the base weights
WORKDIR /opt
RUN kgbuild models verify && chmod -R a+rX /opt/models

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --home-dir /tmp kgbuild \
    && install -d -o kgbuild -g kgbuild -m 700 /graph
COPY --from=build /opt/kgbuild/ /opt/kgbuild/
COPY --from=build /opt/models/ /opt/models/
ENV PATH=/opt/kgbuild/bin:$PATH KGBUILD_CACHE=/opt/models KGBUILD_STORE=/graph \
    PYTHONUNBUFFERED=1 HOME=/tmp
WORKDIR /graph
VOLUME /graph
USER 10001:10001
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8765, timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
# needs a token: KGBUILD_TOKEN, or KGBUILD_TOKEN_FILE for a file of them, such as a secret
CMD ["kgbuild", "serve", "--host", "0.0.0.0"]
