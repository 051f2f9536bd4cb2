/**
 * @file A process that runs one command after the other, as `warm-command.ts` asks for it. What a command loads stays loaded,
 * so that the next one begins at once; `main.js` itself, which reads the arguments, is evaluated anew for each.
 *
 * What a command leaves behind for the whole process is set back: the current folder, the environment, the exit code, the
 * listeners, of which those of the end are called, and the functions that `faults.mjs` has replaced. A command that ends the process (`process.exit`, an exception that nothing catches) ends it as its own would.
 */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const FAULTS = new URL('./faults.mjs', import.meta.url).href;
const MAIN = new URL('../../packages/cli/dist/main.js', import.meta.url).href;
const EMITTERS = [process, process.stdout, process.stderr];
let runs = 0;

/** The listeners of an emitter, for {@link restore}. */
const listenersOf = (emitter) => new Map(emitter.eventNames().map((name) => [name, emitter.rawListeners(name)]));

function restore(emitter, before) {
  for (const name of emitter.eventNames()) {
    for (const listener of emitter.rawListeners(name)) {
      if (!before.get(name)?.includes(listener)) emitter.removeListener(name, listener);
    }
  }
}

/** The functions of the file system that can go wrong. */
const calls = () => Object.entries(fs).filter(([name, value]) => typeof value === 'function' && name.endsWith('Sync'));

/** Everything written so far is with the reader when it is told that. */
const flushed = (stream, text) => new Promise((resolve) => stream.write(text, resolve));

process.on('message', async ({ command, args, cwd, env, mark }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.argv = [process.execPath, command, ...args];
  process.exitCode = undefined;
  const before = EMITTERS.map(listenersOf);
  const whole = calls();
  runs++;
  if (env.FAULT !== undefined) await import(`${FAULTS}?run=${runs}`);
  await import(`${MAIN}?run=${runs}`);
  const code = process.exitCode ?? 0;
  for (const listener of process.rawListeners('exit')) {
    if (!before[0].get('exit')?.includes(listener)) listener.call(process, code);
  }
  if (env.FAULT !== undefined) {
    Object.assign(fs, Object.fromEntries(whole));
    syncBuiltinESMExports();
  }
  EMITTERS.forEach((emitter, i) => {
    restore(emitter, before[i]);
  });
  process.exitCode = undefined;
  await Promise.all([flushed(process.stdout, mark), flushed(process.stderr, mark)]);
  process.send({ code });
});
process.on('disconnect', () => process.exit());
