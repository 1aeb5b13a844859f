# The image of the server and of its jobs, for amd64 and arm64:
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.net/yellow:1.0.0 .
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        autoconf automake build-essential pkg-config libcurl4-openssl-dev libgit2-dev libjansson-dev libmicrohttpd-dev \
        libpq-dev libssl-dev libyaml-dev libexpat1-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN autoreconf -i && mkdir /build && cd /build \
    && /source/configure --prefix=/usr --quiet && make -j"$(nproc)" yellow && make install-exec DESTDIR=/image && strip /image/usr/bin/yellow

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates libcurl4 libexpat1 libgit2-1.5 libjansson4 libmicrohttpd12 libpq5 libssl3 libyaml-0-2 tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 yellow && useradd --uid 10001 --gid 10001 --home-dir /var/lib/yellow --create-home yellow
COPY --from=build /image/usr/bin/yellow /usr/bin/yellow
USER 10001:10001
WORKDIR /var/lib/yellow
VOLUME /var/lib/yellow
EXPOSE 8080
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/bin/yellow"]
CMD ["serve"]
