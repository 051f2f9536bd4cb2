/**
 * @file `node bench/campaign-scale.mjs [redis|postgres] [milliseconds] [units] [islands]`: what a campaign's machinery costs, without
 * networks: units that only wait, so that one machine may have many workers, each a process of its own. Prints units per second with 1,
 * 2 and 4 workers over one, and for units that take no time the processor time and the bytes of each unit. Units are independent; with
 * `islands` they are the epochs of so many islands that exchange elites, so that each waits for all of the epoch before.
 */

import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres, startRedis } from '../tests/support/servers.mjs';

const DIST = new URL('../packages/cli/dist/', import.meta.url);
const load = (file) => import(new URL(file, DIST).href);
const [{ parseResolvedPlan, writePlan }, { writeIsland }, { VERSION }, { sha256 }] = await Promise.all(
  ['cluster/plan/resolved-plan.js', 'cluster/units/search-object.js', 'version.js', 'job/hash.js'].map(load),
);

/** Elites of a result, and bytes of each genome: a thousand classes with CPPNs of 2 kB are 2 MB. */
const CLASSES = 10;
const GENOME = 2048;

if (process.argv[2] === 'worker') {
  const { work } = await load('cluster/worker/work.js');
  const [, , , queue, milliseconds, epochs] = process.argv;
  const executor = {
    run: async ({ plan, key }, fetch) => {
      await fetch(plan);
      await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
      const elites = Array.from({ length: CLASSES }, (_, id) => {
        const genome = new Uint8Array(GENOME);
        genome.set(Buffer.from(sha256(key, String(id))));
        return { genome, confidence: 0.5, id };
      });
      const state = { generations: 1, candidates: 1, evaluations: 1, replacements: 1, elites, emitter: null };
      const last = Number(key.split('-').at(-1)) === Number(epochs) - 1;
      return { bytes: writeIsland({ state, done: last }), last, evaluations: 1 };
    },
    dispose: () => {},
  };
  let before = process.cpuUsage();
  // Milliseconds besides those of the units: within a unit, and from one to the next.
  const over = { units: 0, within: 0, gaps: 0, between: 0 };
  let endedAt;
  const quiet = {
    begin: () => {
      // What it takes to start is no unit's.
      before = process.cpuUsage();
      process.send('ready');
    },
    unit: () => {
      if (endedAt === undefined) return;
      over.gaps++;
      over.between += performance.now() - endedAt;
    },
    done: (_, seconds) => {
      endedAt = performance.now();
      over.units++;
      over.within += 1000 * seconds - Number(milliseconds);
    },
    failed: () => {},
    notice: () => {},
  };
  const stop = new AbortController();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(before);
    process.send({ cpu: (user + system) / 1e6, over });
    stop.abort();
  });
  const common = {
    threads: 1,
    lockSeconds: 30,
    environment: {},
    hardware: 'any',
    cache: join(tmpdir(), 'pareidolia-scale-cache'),
  };
  await work({ ...common, queue, executor }, stop.signal, quiet);
  process.exit(0);
}

const { Coordinator } = await load('cluster/campaign/coordinator.js');
const { Ledger } = await load('cluster/campaign/ledger.js');
const { Journal } = await load('job/journal.js');
const { FolderStore } = await load('cluster/store/folder-store.js');
const { openCampaignQueue } = await load('cluster/queue/open-queue.js');

/** @param islands as many as units, each of one epoch, or fewer that exchange elites */
function planOf(units, islands) {
  const model = new TextEncoder().encode('no network');
  const plan = {
    format: 1,
    name: 'scale',
    pareidolia: VERSION,
    runtime: 'none',
    models: [{ name: 'm', sha256: sha256(model), size: model.length, card: {}, origin: '', notices: [] }],
    tasks: [
      {
        kind: 'search',
        name: 's',
        model: 0,
        classes: Array.from({ length: CLASSES }, (_, i) => i),
        seeds: Array.from({ length: islands }, (_, i) => i),
        share: CLASSES,
        epoch: 1,
        exchange: islands < units,
        spec: {
          encoding: { name: 'direct', settings: {} },
          emitter: { name: 'mutation', settings: {} },
          archive: 'classes',
          generations: units / islands - 1,
          batch: 1,
        },
      },
    ],
  };
  return { plan: parseResolvedPlan(writePlan(plan)), model };
}

/** What a server has sent, received and computed so far; nothing of PostgreSQL. */
async function usage(url) {
  if (!url.startsWith('redis')) return undefined;
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  const info = Object.fromEntries((await client.info()).split('\r\n').map((line) => line.split(':')));
  client.disconnect();
  return {
    bytes: Number(info.total_net_input_bytes) + Number(info.total_net_output_bytes),
    cpu: Number(info.used_cpu_user) + Number(info.used_cpu_sys),
    commands: Number(info.total_commands_processed),
  };
}

async function measure(url, count, milliseconds, units, islands = units) {
  const workers = await Promise.all(
    Array.from({ length: count }, async () => {
      const child = fork(fileURLToPath(import.meta.url), ['worker', url, milliseconds, units / islands].map(String));
      await new Promise((resolve) => child.once('message', resolve));
      return child;
    }),
  );
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-scale-'));
  const { plan, model } = planOf(units, islands);
  const objects = new FolderStore(folder);
  await objects.put(plan.hash, plan.bytes);
  await objects.put(sha256(model), model);
  const queue = await openCampaignQueue(url, {
    onTrouble: (trouble) => trouble && console.log(trouble),
    environment: {},
  });
  const journal = new Journal(join(folder, 'journal.jsonl'));
  const before = await usage(url);
  const own = process.cpuUsage();
  const begin = performance.now();
  const ending = await new Coordinator({
    plan,
    ledger: new Ledger(journal),
    objects,
    queue,
    version: VERSION,
    allowMixed: false,
    window: 4 * count,
    failures: new Map(),
    signal: new AbortController().signal,
    now: () => performance.now(),
    control: () => ({ paused: false, cancelled: false, retries: 0 }),
    onFailures: () => {},
    onUnit: () => {},
    onStatus: () => {},
    onNotice: console.log,
  }).run();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(own);
  const after = await usage(url);
  if (ending !== 'done') throw new Error(ending);
  await queue.close();
  journal.close();
  const told = await Promise.all(
    workers.map(async (child) => {
      const answer = new Promise((resolve) => child.once('message', resolve));
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.send('stop');
      const said = await answer;
      await gone;
      return said;
    }),
  );
  rmSync(folder, { recursive: true, force: true });
  const sum = (of) => told.reduce((all, each) => all + of(each), 0);
  return {
    workers: count,
    'units/s': +(units / seconds).toFixed(2),
    'ms within': +(sum(({ over }) => over.within) / sum(({ over }) => over.units)).toFixed(1),
    'ms between': +(sum(({ over }) => over.between) / sum(({ over }) => over.gaps)).toFixed(1),
    'coordinator ms': +((user + system) / 1000 / units).toFixed(2),
    'worker ms': +((1000 * sum(({ cpu }) => cpu)) / units).toFixed(2),
    ...(before === undefined
      ? {}
      : {
          'server ms': +((1000 * (after.cpu - before.cpu)) / units).toFixed(3),
          kB: +((after.bytes - before.bytes) / 1000 / units).toFixed(1),
          commands: +((after.commands - before.commands) / units).toFixed(1),
        }),
  };
}

const [kind = 'redis', ...figures] = process.argv.slice(2);
const [milliseconds = 500, units = 80, islands = units] = figures.map(Number);
if (units % islands !== 0) throw new Error(`${units} units are no whole number of epochs of ${islands} islands`);
const server = kind === 'postgres' ? await startPostgres() : await startRedis();
try {
  const waiting = [];
  for (const count of [1, 2, 4]) waiting.push(await measure(server.url, count, milliseconds, units, islands));
  const what = islands === units ? 'independent' : `epochs of ${islands} islands that exchange elites`;
  console.log(
    `Units that wait ${milliseconds} ms, ${what}, on ${kind}; a result has ${(CLASSES * GENOME) / 1000} kB, load ${loadavg()[0].toFixed(1)}`,
  );
  console.table(waiting.map((row) => ({ ...row, 'over one': +(row['units/s'] / waiting[0]['units/s']).toFixed(2) })));
  if (islands === units) {
    console.log('Units that take no time');
    console.table([await measure(server.url, 1, 0, 400), await measure(server.url, 4, 0, 400)]);
  }
} finally {
  await server.stop();
}
