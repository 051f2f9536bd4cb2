/**
 * @file A process that runs one command after the other, as `warm-command.ts` asks for it. What a command loads stays loaded,
 * so that the next one begins at once; `main.js` itself, which reads the arguments, is evaluated anew for each.
 *
 * What a command leaves behind for the whole process is set back: the current folder, the environment, the exit code, the
 * listeners. A command that ends the process (`process.exit`, an exception that nothing catches) ends it as its own would.
 */

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

/** Everything written so far is with the reader when it is told that. */
const flushed = (stream, text) => new Promise((resolve) => stream.write(text, resolve));

process.on('message', async ({ command, args, cwd, env, mark }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.argv = [process.execPath, command, ...args];
  process.exitCode = undefined;
  const before = EMITTERS.map(listenersOf);
  await import(`${MAIN}?run=${runs++}`);
  const code = process.exitCode ?? 0;
  EMITTERS.forEach((emitter, i) => {
    restore(emitter, before[i]);
  });
  process.exitCode = undefined;
  await Promise.all([flushed(process.stdout, mark), flushed(process.stderr, mark)]);
  process.send({ code });
});
process.on('disconnect', () => process.exit());
