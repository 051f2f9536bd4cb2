/** @file The processor as far as results depend on it: ONNX Runtime chooses its kernels by these flags, and they round differently. */

import { readFileSync } from 'node:fs';
import { arch } from 'node:process';
import { nodeRuntime } from '@pareidolia/core/runtime/node';

/** Flags by which kernels for the CPU are chosen, as Linux writes them. */
const FLAGS = [
  'avx',
  'avx2',
  'fma',
  'f16c',
  'avx_vnni',
  'avx512f',
  'avx512bw',
  'avx512vl',
  'avx512_vnni',
  'avx512_bf16',
  'amx_int8',
  'amx_bf16',
  'asimd',
  'asimddp',
  'i8mm',
  'bf16',
  'sve',
];

/** One line that is the same for processors that compute the same bits: `x64, blocks of 16: avx avx2 fma avx512f`. */
export async function hardwareOf(): Promise<string> {
  const target = await nodeRuntime().target('cpu');
  const block = target.kind === 'onnxruntime-cpu' ? `, blocks of ${target.block}` : '';
  const own = new Set(flags().split(/\s+/));
  const found = FLAGS.filter((flag) => own.has(flag));
  return `${arch}${block}: ${found.length === 0 ? 'flags unknown' : found.join(' ')}`;
}

function flags(): string {
  try {
    const lines = readFileSync('/proc/cpuinfo', 'utf8').split('\n');
    return lines.find((line) => /^(flags|Features)\s*:/.test(line)) ?? '';
  } catch {
    return '';
  }
}
