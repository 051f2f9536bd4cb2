/** @file Files that a page brings as networks. */

import { InputError } from '@pareidolia/core';
import { LARGEST_MODEL } from './protocol.ts';

/** What Web Crypto is needed for here. */
interface DigestsOnly {
  readonly subtle: { digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer> };
}

/** In hexadecimal; empty in pages that came over plain HTTP, where browsers have no digests. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const { subtle } = (globalThis as { readonly crypto?: Partial<DigestsOnly> }).crypto ?? {};
  if (subtle === undefined) return '';
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const SIGNATURES: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['a PNG image', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG image', [0xff, 0xd8, 0xff]],
  ['a ZIP archive (PyTorch files and .npz are such); export the network as ONNX', [0x50, 0x4b, 0x03, 0x04]],
  ['an HDF5 file (older Keras models are such); export the network as ONNX', [0x89, 0x48, 0x44, 0x46]],
  ['compressed with gzip; unpack it first', [0x1f, 0x8b]],
];

/** @throws InputError for what is clearly something else */
export function expectOnnx(name: string, bytes: Uint8Array): void {
  if (bytes.length === 0) throw new InputError(`${name} is empty; choose an ONNX file`);
  if (bytes.length > LARGEST_MODEL) {
    throw new InputError(
      `${name} is larger than the ${LARGEST_MODEL / 1024 / 1024} MB that are taken here; use the command line for it`,
    );
  }
  for (const [what, signature] of SIGNATURES) {
    if (signature.every((byte, i) => bytes[i] === byte))
      throw new InputError(`${name} is ${what}, not an ONNX network`);
  }
}
