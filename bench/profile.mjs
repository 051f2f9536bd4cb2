/**
 * @file Where the time of a gradient goes: the time of each node by ONNX Runtime's profiler, the minimum over runs.
 *
 *     node bench/profile.mjs MODEL BATCH [forward|gradient] [threads] [block: 8, 16, or plain]
 */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lower, writeModel } from '@pareidolia/autodiff';
import * as ort from 'onnxruntime-node';
import { gradientOf, loadModel } from './models.mjs';

const [name, batchText, what = 'gradient', threads = '1', form = '16'] = process.argv.slice(2);
const batch = Number(batchText);
const { network, input, graph } = gradientOf(await loadModel(name));
let model = network;
if (what === 'gradient') {
  model = lower(graph, form === 'plain' ? { kind: 'plain' } : { kind: 'onnxruntime-cpu', block: Number(form) });
}
const folder = await mkdtemp(join(tmpdir(), 'profile-'));
const session = await ort.InferenceSession.create(writeModel(model), {
  intraOpNumThreads: Number(threads),
  logSeverityLevel: 3,
  enableProfiling: true,
  profileFilePrefix: join(folder, 'p'),
});
const dims = [batch, ...input.shape.slice(1)];
const data = Float32Array.from({ length: dims.reduce((a, n) => a * n) }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i));
const feeds = { [input.name]: new ort.Tensor('float32', data, dims) };
if (what === 'gradient') feeds.classes = new ort.Tensor('int64', new BigInt64Array(batch).fill(3n), [batch]);
let best = Infinity;
for (let i = 0; i < 30; i++) {
  const t = performance.now();
  await session.run(feeds);
  best = Math.min(best, performance.now() - t);
}
session.endProfiling();
await new Promise((r) => setTimeout(r, 100));
const [file] = await readdir(folder);
const events = JSON.parse(await readFile(join(folder, file), 'utf8'));
const nodes = new Map();
for (const e of events) {
  if (e.cat !== 'Node' || !e.name.endsWith('_kernel_time')) continue;
  const k = e.name;
  const old = nodes.get(k);
  const shapes = (e.args.input_type_shape ?? [])
    .map((o) =>
      Object.entries(o)
        .map(([, d]) => d.join('x'))
        .join(),
    )
    .join(' ; ');
  const out = (e.args.output_type_shape ?? [])
    .map((o) =>
      Object.values(o)
        .map((d) => d.join('x'))
        .join(),
    )
    .join(' ; ');
  if (old) old.dur = Math.min(old.dur, e.dur);
  else nodes.set(k, { dur: e.dur, op: e.args.op_name, shapes, out });
}
let total = 0;
for (const n of nodes.values()) total += n.dur;
console.log(`best ${best.toFixed(2)} ms, sum of node minima ${(total / 1000).toFixed(2)} ms, ${nodes.size} nodes`);
const byOp = new Map();
for (const n of nodes.values()) byOp.set(n.op, (byOp.get(n.op) ?? 0) + n.dur);
console.log(
  [...byOp]
    .sort((a, b) => b[1] - a[1])
    .map(([o, d]) => `${o} ${(d / 1000).toFixed(2)}`)
    .join(', '),
);
for (const [k, n] of [...nodes])
  if (n.dur > total / 200)
    console.log(`${(n.dur / 1000).toFixed(3)} ${n.op} ${k.replace('_kernel_time', '')} [${n.shapes}] -> [${n.out}]`);
await rm(folder, { recursive: true });
