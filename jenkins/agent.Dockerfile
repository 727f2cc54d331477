# A Jenkins inbound agent with genesys-token on its PATH, from a release:
#
#   docker build --build-arg URL=… --build-arg SHA256=… \
#       -t registry.example.com/genesys-agent:0.2.0 - <jenkins/agent.Dockerfile
#
# SHA256SUMS of the release has the checksum. On arm64 take the file and the checksum of aarch64.
#
# The image is pinned by its tag, which can be moved. A digest can't: look it up with
#   docker buildx imagetools inspect jenkins/inbound-agent:3355.v388858a_47b_33-3-jdk21

# Choose a tag whose Java version your controller supports, or name your own image with --build-arg AGENT_IMAGE=…
ARG AGENT_IMAGE=jenkins/inbound-agent:3355.v388858a_47b_33-3-jdk21

FROM ${AGENT_IMAGE} AS download
ARG URL=https://releases.example.com/genesys-token/0.2.0/genesys-token-0.2.0-x86_64-unknown-linux-musl
ARG SHA256
USER root
RUN curl -fsSL --proto '=https' -o /genesys-token "$URL" \
    && echo "$SHA256  /genesys-token" | sha256sum -c - \
    && chmod 0755 /genesys-token

FROM ${AGENT_IMAGE}
# The program belongs to root, so that no build on this agent can replace it. COPY keeps the mode 0755 from above.
COPY --from=download --chown=0:0 /genesys-token /usr/local/bin/genesys-token
# This runs as the user of the agent, and the image is not built if that user can't run the program.
RUN ["genesys-token", "--version"]
