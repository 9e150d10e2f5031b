# The image of Wares: one binary on Debian slim, run as an unprivileged user.
#
#   docker build -t wares --build-arg WARES_COMMIT="$(git log -1 --format='%h %cs')" .
#   docker run -p 8000:8000 -v wares:/data -e WARES_ENV=production -e PUBLIC_URL=https://api.example.com -e ... wares

FROM rust:1.95-bookworm AS build
WORKDIR /src
# For `wares --version`: the repository is not part of the context.
ARG WARES_COMMIT
COPY . .
# The build cache is a mount, so the binary is copied out of it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin wares && cp target/dist/wares /wares

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Wares" \
      org.opencontainers.image.description="A commerce backend in one binary: products, categories and users over GraphQL"
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home wares \
    && install --directory --owner=wares --mode=0700 /data
COPY --from=build /wares /usr/local/bin/wares
USER 10001
WORKDIR /data
VOLUME /data
ENV WARES_LISTEN=0.0.0.0:8000 \
    WARES_DATA_DIR=/data \
    MIMALLOC_PURGE_DELAY=100
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["wares", "health"]
# SIGTERM starts a graceful shutdown: requests in flight may finish within 10 seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["wares"]
