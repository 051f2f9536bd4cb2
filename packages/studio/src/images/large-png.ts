/** @file PNG files of large images. */

import type { ImageShape } from '@pareidolia/core';
import type { GenomeFile } from './png.ts';
import type { PngRequest } from './png-worker.ts';

/** A PNG, written by a worker; the planes are given away. */
export function largePng(planes: Uint8Array, shape: ImageShape, document: GenomeFile): Promise<Blob> {
  const worker = new Worker(new URL('./png-worker.ts', import.meta.url), { type: 'module', name: 'png' });
  return new Promise<Blob>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Blob>) => resolve(data);
    worker.onerror = () => reject(new Error('The image could not be written; choose a smaller size'));
    const { channels, height, width } = shape;
    // A proxy cannot be sent; the document is plain JSON.
    const request: PngRequest = {
      planes,
      shape: { channels, height, width },
      document: JSON.parse(JSON.stringify(document)),
    };
    worker.postMessage(request, [planes.buffer]);
  }).finally(() => worker.terminate());
}
