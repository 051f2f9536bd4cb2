/**
 * @file Runs in a process of its own, and computes units: so a model that crashes the runtime takes no worker with it, and whoever
 * renews locks is never kept waiting. It reads no file and no network: all bytes come from the process that has started it.
 */

import { DeviceError, InputError } from '@pareidolia/core';
import { sentenceOf } from '../../terminal/sentence.ts';
import { type HashedPlan, parseResolvedPlan } from '../plan/resolved-plan.ts';
import { UnitExecutor } from '../units/run-unit.ts';
import { unitOf } from '../units/unit.ts';
import type { FromExecutor, ToExecutor } from './executor-protocol.ts';

const executor = new UnitExecutor(Number(process.argv[2] ?? '1'));
const asked = new Map<string, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
let plan: HashedPlan | undefined;

function tell(message: FromExecutor): void {
  process.send!(message);
}

function fetch(hash: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    asked.set(hash, { resolve, reject });
    tell({ kind: 'need', hash });
  });
}

async function run({ plan: hash, key, previous, elites }: Extract<ToExecutor, { kind: 'unit' }>): Promise<void> {
  try {
    if (plan?.hash !== hash) plan = parseResolvedPlan(await fetch(hash));
    const unit = unitOf(plan.plan, key);
    if (unit === undefined) throw new InputError(`The plan ${hash.slice(0, 12)} has no unit of that name`);
    let told = performance.now();
    const progress = (share: number): void => {
      const now = performance.now();
      if (now - told < 500) return;
      told = now;
      tell({ kind: 'progress', share });
    };
    const { bytes, last, evaluations } = await executor.run({
      plan: plan.plan,
      unit,
      previous,
      elites,
      fetch,
      progress,
    });
    tell({ kind: 'done', bytes, last, evaluations });
  } catch (error) {
    // A runtime that is not installed as it should be is this machine's own matter, as memory that ends is.
    const isInput = error instanceof InputError && !(error instanceof DeviceError);
    tell({ kind: 'failed', message: sentenceOf(error), isInput });
  }
}

process.on('message', (message: ToExecutor) => {
  if (message.kind === 'unit') void run(message);
  else {
    const waiting = asked.get(message.hash);
    asked.delete(message.hash);
    if (message.kind === 'bytes') waiting?.resolve(message.bytes);
    else waiting?.reject(new Error(`${message.hash.slice(0, 12)}... is missing`));
  }
});
// Without the process that has started it there is nobody to work for. Ctrl-C reaches both; the other one decides.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
tell({ kind: 'ready' });
