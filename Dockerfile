# The exporter's image: the binary, the shared libraries it needs, certificate authorities and time
# zones; no shell, no package manager. docs/image.md says how to build, run and repeat it.
ARG BASE=docker.io/library/debian:trixie-slim

FROM ${BASE} AS build
# Set by the builder from --platform; without cross compilation it must be what BASE is made for.
ARG TARGETARCH
RUN have="$(dpkg --print-architecture)"; [ "${TARGETARCH:-$have}" = "$have" ] || { \
      echo "BASE is made for $have, the image for ${TARGETARCH}: give a BASE of that architecture" >&2; \
      exit 1; }
COPY scripts/install-deps /src/scripts/
RUN /src/scripts/install-deps --build --runtime && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json /src/
COPY cmake /src/cmake
COPY collectors /src/collectors
COPY exporter /src/exporter
ARG JOBS
ARG CMAKE_ARGS=-DHEADROOM_UNITY=ON
WORKDIR /src
# shellcheck disable=SC2086  # CMAKE_ARGS are several words
RUN cmake --preset release -DHEADROOM_TESTS=OFF ${CMAKE_ARGS} && \
    cmake --build --preset release --target headroom_exporter -j "${JOBS:-$(nproc)}"

FROM build AS root
COPY LICENSE scripts/image-root /src/scripts/
ARG SOURCE_DATE_EPOCH=0
RUN scripts/image-root build/release/exporter/headroom_exporter scripts/LICENSE /image

FROM scratch
COPY --from=root /image /
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="headroom" \
      org.opencontainers.image.description="Prometheus exporter for queue and pool health" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 65532:65532
EXPOSE 9935
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/headroom_exporter"]
CMD ["--config.file=/etc/headroom/headroom.toml"]
