/**
 * @file Loaded into a process before the command (`node --import`): lets it be killed, or its disk fail, at one exact system
 * call that changes the disk. `FAULT_FOLDER` is the folder that is watched; with `FAULT_RELATIVE` all relative paths are, and
 * those below the current folder. `FAULT` says what happens:
 *
 * - `kill 7` kills the process at the seventh call, a write after half of its bytes;
 * - `interrupt 7` presses Ctrl-C at the seventh call, and goes on until the process hears of it;
 * - `halt 7` halts the process before the seventh call, until it is sent SIGCONT;
 * - `EIO 7` lets the seventh call and all later ones fail with that error of the system, removals and closing excepted, as a
 *   disk does that is full or gone; `EIO 7 once` only the seventh;
 * - `full 7` is `ENOSPC 7` for writes only;
 * - `copy 1,7,19` leaves at each of these calls what a kill there would leave of the watched folder, as a copy of it in the
 *   folder that `FAULT_COPIES` and the number of the call name together, and goes on;
 * - `count` counts.
 *
 * With `FAULT_RENAME` only renames to a path that ends in it count.
 *
 * The number of calls, and behind it how many there were of each kind, is left in the file `FAULT_COUNT`.
 */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import { isAbsolute, sep } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const { FAULT = 'count', FAULT_FOLDER = '', FAULT_COUNT = '', FAULT_RELATIVE = '', FAULT_RENAME = '' } = process.env;
const { FAULT_COPIES = '' } = process.env;
const [what, when, once] = FAULT.split(' ');
const copied = new Set(what === 'copy' ? when.split(',').map(Number) : []);
const { cpSync, existsSync, writeFileSync } = fs;
const here = FAULT_RELATIVE === '' ? '' : process.cwd() + sep;
const watched = new Set();
const kinds = {};
let calls = 0;

let isCopying = false;

function isWatched(path) {
  if (isCopying || typeof path !== 'string') return false;
  return FAULT_RELATIVE === '' ? path.startsWith(FAULT_FOLDER) : !isAbsolute(path) || path.startsWith(here);
}

/** Counts a call that changes the disk, and says whether it is its turn to go wrong. */
function due(name, to) {
  if (FAULT_RENAME !== '' && !(name === 'renameSync' && String(to).endsWith(FAULT_RENAME))) return false;
  calls++;
  kinds[name] = (kinds[name] ?? 0) + 1;
  if (what === 'count') return false;
  if (what === 'copy') return copied.has(calls);
  const isOnce = ['kill', 'interrupt', 'halt'].includes(what) || once !== undefined;
  return calls === Number(when) || (!isOnce && calls > Number(when));
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing must happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** As Node tells it; libuv has no name for EDQUOT. */
function failure(code, syscall, path) {
  const errno = -constants.errno[code];
  const name = code === 'EDQUOT' ? `Unknown system error ${errno}` : code;
  const error = new Error(`${name}: injected, ${syscall}`);
  return Object.assign(error, { errno, code: name, syscall, ...(typeof path === 'string' ? { path } : {}) });
}

/** What a full disk, or one that is gone, does not keep from happening. */
const HARMLESS = new Set(['rmSync', 'rmdirSync', 'unlinkSync']);

/** What a kill would leave now. */
function copy() {
  const from = FAULT_RELATIVE === '' ? FAULT_FOLDER : here;
  isCopying = true;
  if (existsSync(from)) cpSync(from, `${FAULT_COPIES}${calls}`, { recursive: true, preserveTimestamps: true });
  isCopying = false;
}

function strike(name, args) {
  if (what === 'copy') return copy();
  if (what === 'interrupt') return void process.kill(process.pid, 'SIGINT');
  if (what === 'halt') return void process.kill(process.pid, 'SIGSTOP');
  if (what === 'kill') die();
  if (what !== 'full' && !(HARMLESS.has(name) && once === undefined))
    throw failure(what, name.replace('Sync', ''), args[0]);
}

function wrap(name, touches) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (touches(args) && due(name, args[1])) strike(name, args);
    return original(...args);
  };
}

if (isMainThread && (FAULT_FOLDER !== '' || FAULT_RELATIVE !== '')) {
  const paths = [
    'renameSync',
    'linkSync',
    'copyFileSync',
    'rmSync',
    'rmdirSync',
    'unlinkSync',
    'mkdirSync',
    'writeFileSync',
  ];
  for (const name of [...paths, 'chmodSync', 'truncateSync', 'symlinkSync', 'appendFileSync']) {
    wrap(name, (args) => args.slice(0, 2).some(isWatched));
  }
  const { closeSync, openSync, writeSync } = fs;
  for (const name of ['fsyncSync', 'fdatasyncSync', 'ftruncateSync']) wrap(name, ([file]) => watched.has(file));
  fs.closeSync = (file) => {
    const now = watched.has(file) && due('closeSync');
    // A file is closed whatever the call says; on a network disk that is where a full one may be told.
    if (now && what === 'kill') die();
    if (now && what === 'copy') copy();
    closeSync(file);
    if (now && what !== 'copy') strike('closeSync', []);
  };
  fs.openSync = (path, flags = 'r', ...rest) => {
    const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC } = fs.constants;
    const changes = typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) !== 0 : flags !== 'r';
    if (changes && isWatched(path) && due('openSync')) strike('openSync', [path]);
    const file = openSync(path, flags, ...rest);
    if (changes && isWatched(path)) watched.add(file);
    else watched.delete(file);
    return file;
  };
  fs.writeSync = (file, bytes, offset, length, position) => {
    if (watched.has(file) && due('writeSync')) {
      const half = length >> 1;
      if (what === 'kill' || what === 'copy') writeSync(file, bytes, offset, half, position);
      if (what === 'copy') {
        copy();
        const there = typeof position === 'number' ? position + half : position;
        return half + writeSync(file, bytes, offset + half, length - half, there);
      }
      if (what === 'full') throw failure('ENOSPC', 'write');
      strike('writeSync', []);
    }
    return writeSync(file, bytes, offset, length, position);
  };
  syncBuiltinESMExports();
  process.on('exit', () => {
    if (FAULT_COUNT !== '') writeFileSync(FAULT_COUNT, `${calls} ${JSON.stringify(kinds)}`);
  });
}
