# syntax=docker/dockerfile:1

# The tag names the current LTS of Node on Debian. To build the same image byte for byte years later, pin the digest:
#   docker buildx imagetools inspect node:24-bookworm-slim
# and write `node:24-bookworm-slim@sha256:…` here; whoever pins it has to renew it for security fixes.
ARG NODE_IMAGE=node:24-bookworm-slim

# For both kinds of machines in one go (an emulator for the other one has to be there: docker run --privileged --rm
# tonistiigi/binfmt --install all), and pushed, since the local store holds one kind only:
#   docker buildx build --platform linux/amd64,linux/arm64 --tag registry.example.org/sonos-mqtt-bridge:0.1.0 --push .
# What is built is JavaScript, and so is all of node_modules, WebAssembly included. So it is built once, on the machine's own
# processor, and only the stage that runs is made for each.
FROM --platform=${BUILDPLATFORM} ${NODE_IMAGE} AS build
WORKDIR /app
# Dependencies change less often than the source, so they are a layer of their own.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="sonos-mqtt-bridge" \
      org.opencontainers.image.description="The bridge between Sonos and MQTT: signed cloud events in, retained room state out, every command answered" \
      org.opencontainers.image.licenses="MIT"

RUN apt-get update \
 && apt-get install --yes --no-install-recommends espeak-ng \
 && rm -rf /var/lib/apt/lists/*
# The one place that is written to: tokens, names and generated secrets.
RUN install --directory --owner=node --group=node --mode=0700 /data

WORKDIR /app
# Everything here belongs to root and is only read, so `--read-only` works.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY config/config.example.yaml config/demo.yaml config/schema.json ./config/
COPY LICENSE ./

ENV NODE_ENV=production \
    BRIDGE_DATA_DIR=/data
VOLUME /data
# uid 1000.
USER node
# The public listener (event callback, login redirect), the private one (login, health, metrics), and that of the speakers.
EXPOSE 8787 8788 8789

# 200 while the process can answer; whether it is ready to be relied upon is /health/ready, which no restart would mend.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BRIDGE_WEB_PORT || 8788}/health/live`, { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# No shell in between: signals arrive, and SIGTERM ends it in order within five seconds.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
