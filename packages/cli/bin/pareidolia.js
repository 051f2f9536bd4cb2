#!/usr/bin/env node
// Plain JavaScript that old versions of Node understand, so that they can say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `pareidolia needs Node 20.19 or newer, this is ${process.versions.node}; get one from https://nodejs.org\n`,
  );
  process.exitCode = 2;
} else {
  import('../dist/main.js').catch((error) => {
    process.stderr.write(
      error.code === 'ERR_MODULE_NOT_FOUND'
        ? `pareidolia is not built; run "npm run build" first (${error.message})\n`
        : `pareidolia failed: ${error.stack}\n`,
    );
    process.exitCode = 1;
  });
}
