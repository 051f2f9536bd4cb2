/**
 * @file Loaded into a process before the command (`node --import`): lets it be killed, or its disk run full, at one exact
 * access to the disk. `FAULT_FOLDER` is the folder that is watched, `FAULT` says what happens: `kill 7` kills the process
 * at the seventh access (a write after half of its bytes), `full 7` fails writes from the seventh access on, `count`
 * counts; the number of accesses is left in the file `FAULT_COUNT`. With `FAULT_RELATIVE` all relative paths are watched instead.
 */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isAbsolute } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const { FAULT = 'count', FAULT_FOLDER = '', FAULT_COUNT = '', FAULT_RELATIVE = '' } = process.env;
const [what, when] = FAULT.split(' ');
const { writeFileSync } = fs;
const watched = new Set();
let accesses = 0;

const inFolder = (path) =>
  typeof path === 'string' && (FAULT_RELATIVE === '' ? path.startsWith(FAULT_FOLDER) : !isAbsolute(path));

function due(touches) {
  if (touches) accesses++;
  return touches && accesses === Number(when);
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing must happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function wrap(name, touches) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (due(touches(args)) && what === 'kill') die();
    return original(...args);
  };
}

if (isMainThread && (FAULT_FOLDER !== '' || FAULT_RELATIVE !== '')) {
  for (const name of ['renameSync', 'linkSync', 'rmSync', 'writeFileSync', 'openSync']) {
    wrap(name, ([path]) => inFolder(path));
  }
  for (const name of ['fsyncSync', 'ftruncateSync', 'closeSync']) wrap(name, ([file]) => watched.has(file));
  const { openSync, writeSync } = fs;
  fs.openSync = (path, ...rest) => {
    const file = openSync(path, ...rest);
    if (inFolder(path)) watched.add(file);
    else watched.delete(file);
    return file;
  };
  fs.writeSync = (file, bytes, offset, length, position) => {
    const now = due(watched.has(file));
    if (now && what === 'kill') {
      writeSync(file, bytes, offset, length >> 1, position);
      die();
    }
    if (watched.has(file) && what === 'full' && accesses >= Number(when)) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    return writeSync(file, bytes, offset, length, position);
  };
  syncBuiltinESMExports();
  process.on('exit', () => {
    if (FAULT_COUNT !== '') writeFileSync(FAULT_COUNT, String(accesses));
  });
}
