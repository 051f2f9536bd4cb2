/** @file The processor that a bench runs on, in one line. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Vector instructions, the widest first, by the flags that Linux and macOS give them. */
const VECTORS = [
  ['AVX-512', /\bavx512f\b/i],
  ['AVX2', /\bavx2\b/i],
  ['AVX', /\bavx(1\.0)?\b/i],
  ['NEON', /\b(neon|asimd)\b|AdvSIMD: 1/i],
];

/** Model, vector width and cores, for example "Intel(R) Xeon(R) Processor @ 2.50GHz, AVX-512, 2 cores". */
export function describeMachine() {
  const vectors = VECTORS.find(([, flag]) => flag.test(processorFlags()))?.[0] ?? 'vector width unknown';
  return `${cpus()[0]?.model.trim() || 'processor unknown'}, ${vectors}, ${availableParallelism()} cores`;
}

function processorFlags() {
  try {
    const lines = readFileSync('/proc/cpuinfo', 'utf8').split('\n');
    return lines.find((line) => /^(flags|Features)\s*:/.test(line)) ?? '';
  } catch {
    const names = ['machdep.cpu.features', 'machdep.cpu.leaf7_features', 'hw.optional.AdvSIMD'];
    return spawnSync('sysctl', names, { encoding: 'utf8' }).stdout ?? '';
  }
}
