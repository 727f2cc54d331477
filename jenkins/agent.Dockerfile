# A Jenkins inbound agent with genesys-token on its PATH. Build it from this repository:
#
#   git archive v0.1.0 | docker build -f jenkins/agent.Dockerfile -t registry.example.com/genesys-agent:0.1.0 -
#
# The archive of a tag contains only what was tagged, and no other file of the work tree. On arm64 add
#   --build-arg TARGET=aarch64-unknown-linux-gnu
#
# Both base images are pinned by tag. A tag can be moved, a digest can't. Look up the digest with
#   docker buildx imagetools inspect rust:1.95-slim-bookworm
# and write FROM rust:1.95-slim-bookworm@sha256:… Do the same for the agent image.

# Choose a tag whose Java version your controller supports, or name your own image with --build-arg AGENT_IMAGE=…
ARG AGENT_IMAGE=jenkins/inbound-agent:3355.v388858a_47b_33-3-jdk21

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

# Only what cargo reads. Cargo.toml names tests/support as a workspace member, and benches/ as a target.
COPY Cargo.toml Cargo.lock ./
COPY src src/
COPY benches benches/
COPY tests/support tests/support/

# The program is linked statically with the C library, so that carryHelper also works in images with an older glibc or
# with musl (Alpine). --target is given even for the build machine's own target: it keeps the flag away from build
# scripts and procedural macros, which run here and must be linked as usual. A static program resolves host names from
# /etc/hosts and DNS; other services of nsswitch.conf may not work.
ARG TARGET=x86_64-unknown-linux-gnu
ENV RUSTFLAGS="-C target-feature=+crt-static"
RUN cargo build --release --locked --bin genesys-token --target "$TARGET"

# ldd prints an arrow for each shared library. The program must have none.
RUN install -D -m 0755 "target/$TARGET/release/genesys-token" /out/genesys-token \
    && if ldd /out/genesys-token | grep '=>'; then echo 'genesys-token is not static' >&2; exit 1; fi

FROM ${AGENT_IMAGE}
# The program belongs to root, so that no build on this agent can replace it. COPY keeps the mode 0755 from above.
COPY --from=build --chown=0:0 /out/genesys-token /usr/local/bin/genesys-token
# This runs as the user of the agent, and the image is not built if that user can't run the program.
RUN ["genesys-token", "--version"]
