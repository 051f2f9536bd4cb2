/** @file Reads the float32 arrays that NumPy writes (format 1.0, C order). */

import { readFileSync } from 'node:fs';

export function readNpy(path: string): { data: Float32Array; dims: number[] } {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  if (!header.includes("'<f4'") || !header.includes("'fortran_order': False")) throw new Error(`${path}: ${header}`);
  const dims = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const body = new Uint8Array(bytes.subarray(10 + length));
  return { data: new Float32Array(body.buffer), dims };
}
