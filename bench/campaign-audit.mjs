/**
 * @file `node bench/campaign-audit.mjs [milliseconds] [model] [data] [limit] [workers]`: how much faster an audit is that is divided into units. Each
 * image that is shown to the network takes so many milliseconds more (0.5), in which others may be shown to it elsewhere, so that one machine
 * stands for several; what the network itself computes is in the figures, too, on the cores that there are. Prints the seconds of the
 * undivided audit (0 workers), and those of a campaign with 1, 2 and 4 workers of this process.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OnnxClassifier } from '@pareidolia/core';
import { audit } from '@pareidolia/lab';

const DIST = new URL('../packages/cli/dist/', import.meta.url);
const load = (file) => import(new URL(`${file}.js`, DIST).href);
const { Coordinator } = await load('cluster/campaign/coordinator');
const { Ledger } = await load('cluster/campaign/ledger');
const { openAudit } = await load('cluster/campaign/open-audit');
const { parsePlan } = await load('cluster/plan/read-plan');
const { resolvePlan } = await load('cluster/plan/resolve-plan');
const { LocalQueue } = await load('cluster/queue/local-queue');
const { FolderStore } = await load('cluster/store/folder-store');
const { openPlannedModel } = await load('cluster/units/planned-networks');
const { auditedOf, auditOptions, UnitExecutor } = await load('cluster/units/run-unit');
const { unitOf } = await load('cluster/units/unit');
const { Journal } = await load('job/journal');
const { VERSION } = await load('version');

// The networks here are no strangers'.
process.env.PAREIDOLIA_TRUST_MODELS = '1';
const [milliseconds = '0.5', model = 'digits', data = 'digits', limit = '200', counts = '0,1,2,4'] =
  process.argv.slice(2);

/** Images shown to networks in all. */
let shown = 0;
/** Whether showing them takes time; nothing that a campaign does before its first unit is to be slow. */
let isSlow = false;
for (const method of ['predict', 'logits', 'gradient', 'features', 'levels']) {
  const own = OnnxClassifier.prototype[method];
  if (own === undefined) continue;
  OnnxClassifier.prototype[method] = async function (images, ...rest) {
    const count = images?.count ?? 1;
    if (isSlow) {
      shown += count;
      await new Promise((resolve) => setTimeout(resolve, count * Number(milliseconds)));
    }
    return own.call(this, images, ...rest);
  };
}

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-audit-bench-'));
try {
  const objects = new FolderStore(folder);
  const path = join(folder, 'plan.yaml');
  const isFile = /\.onnx$/.test(model);
  const text = `models: [{ file: ${isFile ? resolve(model) : model}, name: net }]\naudits: [{ data: ${data}, limit: ${limit} }]\n`;
  writeFileSync(path, text);
  const never = new AbortController().signal;
  const plan = await resolvePlan(parsePlan(text, path), {
    store: objects,
    path,
    signal: never,
    onStep: () => {},
    onNotice: () => {},
  });
  const [task] = plan.plan.tasks;
  const [planned] = plan.plan.models;
  const rows = [];
  for (const workers of counts.split(',').map(Number)) {
    rows.push(await (workers === 0 ? undivided() : divided(workers)));
  }
  console.log(
    `An audit of ${model} with ${limit} images of ${data}, ${milliseconds} ms for each image that is shown, load ${loadavg()[0].toFixed(1)}`,
  );
  console.table(rows.map((row) => ({ ...row, 'over the first': +(rows[0].seconds / row.seconds).toFixed(2) })));

  async function undivided() {
    const classifier = await openPlannedModel(planned, 1, (hash) => objects.get(hash));
    const options = await auditOptions(task, classifier, planned, plan.plan, (hash) => objects.get(hash));
    return timed('undivided', async () => {
      await audit(auditedOf(classifier, planned), options);
      await classifier.dispose();
      return { units: 1 };
    });
  }

  async function divided(workers) {
    const executors = Array.from({ length: workers }, () => {
      const executor = new UnitExecutor(1);
      return {
        run: ({ key, previous }, fetch) =>
          executor.run({ plan: plan.plan, unit: unitOf(plan.plan, key), previous, fetch, progress: () => {} }),
        dispose: () => void executor.dispose(),
      };
    });
    const out = mkdtempSync(join(folder, 'run-'));
    const journal = new Journal(join(out, 'journal.jsonl'));
    const ledger = new Ledger(journal);
    const coordinator = new Coordinator({
      plan,
      ledger,
      objects,
      queue: new LocalQueue({ executors, store: objects, hardware: 'any' }),
      openAudit: (each) => openAudit(each, plan.plan, objects),
      version: VERSION,
      allowMixed: false,
      window: 4 * workers,
      failures: new Map(),
      signal: never,
      now: () => performance.now(),
      control: () => ({ paused: false, cancelled: false, retries: 0 }),
      onFailures: () => {},
      onUnit: () => {},
      onStatus: () => {},
      onNotice: console.log,
    });
    const row = await timed(`${workers} ${workers === 1 ? 'worker' : 'workers'}`, async () => {
      const ending = await coordinator.run();
      if (ending !== 'done') throw new Error(ending);
      return { units: ledger.size };
    });
    for (const executor of executors) executor.dispose();
    journal.close();
    return row;
  }

  async function timed(what, work) {
    const before = process.cpuUsage();
    const begin = performance.now();
    shown = 0;
    isSlow = true;
    const { units } = await work();
    isSlow = false;
    const seconds = (performance.now() - begin) / 1000;
    const { user, system } = process.cpuUsage(before);
    console.log(`${what}: ${seconds.toFixed(1)} s`);
    return {
      what,
      seconds: +seconds.toFixed(1),
      units,
      images: shown,
      'processor s': +((user + system) / 1e6).toFixed(1),
    };
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
