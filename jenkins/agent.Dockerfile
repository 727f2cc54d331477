# A Jenkins inbound agent with genesys-token on its PATH, built from this repository:
#
#   git archive v0.1.0 | docker build -f jenkins/agent.Dockerfile -t registry.example.com/genesys-agent:0.1.0 -
#
# The archive of a tag is what was tagged, whatever else lies in the work tree. On arm64 add
#   --build-arg TARGET=aarch64-unknown-linux-gnu
#
# Both images are pinned by tag, which can be moved. A digest can't: look it up with
#   docker buildx imagetools inspect rust:1.95-slim-bookworm
# and write FROM rust:1.95-slim-bookworm@sha256:… ; likewise for the agent.

# Take the tag whose Java your controller supports, or name your own agent image by --build-arg AGENT_IMAGE=…
ARG AGENT_IMAGE=jenkins/inbound-agent:3355.v388858a_47b_33-3-jdk21

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

# Only what cargo reads: the workspace names tests/support, and the manifest names the bench.
COPY Cargo.toml Cargo.lock ./
COPY src src/
COPY benches benches/
COPY tests/support tests/support/

# Static, with the C library inside, so that carryHelper can take the program into images with an older glibc or with
# musl (Alpine). --target, even for the machine's own kind, keeps the flag away from build scripts and macros, which
# run here and must be built as usual. Names are looked up in /etc/hosts and DNS; don't count on other services of
# nsswitch.conf.
ARG TARGET=x86_64-unknown-linux-gnu
ENV RUSTFLAGS="-C target-feature=+crt-static"
RUN cargo build --release --locked --bin genesys-token --target "$TARGET"

# ldd names a shared library with an arrow: there must be none.
RUN install -D -m 0755 "target/$TARGET/release/genesys-token" /out/genesys-token \
    && if ldd /out/genesys-token | grep '=>'; then echo 'genesys-token is not static' >&2; exit 1; fi

FROM ${AGENT_IMAGE}
# Root's, so that no build on this agent can replace it; the mode 0755 comes along from above.
COPY --from=build --chown=0:0 /out/genesys-token /usr/local/bin/genesys-token
# As the agent's own user: the build fails here if it can't run the program.
RUN ["genesys-token", "--version"]
