# The command in a container: docker build -t pareidolia . && docker run --rm -v "$PWD:/work" pareidolia audit model.onnx --images photos/
FROM node:22-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
COPY packages/autodiff/package.json packages/autodiff/
COPY packages/core/package.json packages/core/
COPY packages/lab/package.json packages/lab/
COPY packages/studio/package.json packages/studio/
COPY packages/cli/package.json packages/cli/
COPY docs/api/package.json docs/api/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && mkdir /packed && node --input-type=module --eval "import { packAll } from './scripts/pack.mjs'; packAll('/packed');"

FROM node:22-bookworm-slim
COPY --from=build /packed /packed
RUN mkdir -p /opt/pareidolia && cd /opt/pareidolia && npm install --no-audit --no-fund --omit=dev --ignore-scripts /packed/*.tgz && npm cache clean --force && rm -rf /packed \
  && ln -s /opt/pareidolia/node_modules/.bin/pareidolia /usr/local/bin/pareidolia
# Nothing is run as root, and results belong to the user of the mounted folder: run with --user "$(id -u):$(id -g)".
USER node
ENV HOME=/tmp
WORKDIR /work
ENTRYPOINT ["pareidolia"]
CMD ["--help"]
