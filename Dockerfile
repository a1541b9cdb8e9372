# syntax=docker/dockerfile:1
# Debian: onnxruntime is built for glibc.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build:console && npm run build:client

FROM base AS production
# What is optional is a Node.js and a PostgreSQL, for where there is none: the image has the one, a server is the other.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional
# onnxruntime comes for every system; five sixths of it are for others than this one.
RUN cd node_modules/onnxruntime-node/bin/napi-v6 && mv "linux/$(node -p process.arch)" /keep && rm -rf ./* && mkdir linux && mv /keep "linux/$(node -p process.arch)"

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    PLUMBLINE_HOME=/var/lib/plumbline \
    GATEWAY_HOST=0.0.0.0 \
    SCORER_PORT=9464 \
    DRIFT_PORT=9464 \
    ALERTS_PORT=9464 \
    GATEWAY_PORT=9464
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src
COPY migrations migrations
COPY models models
COPY docs/runbooks docs/runbooks
COPY --from=build /app/console/dist console/dist
COPY --from=build /app/client/dist client/dist
# The only folder that a role writes, beside /tmp.
RUN install -d -o node -g node -m 0700 /var/lib/plumbline
USER node
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["bin/plumbline"]
CMD ["--help"]
