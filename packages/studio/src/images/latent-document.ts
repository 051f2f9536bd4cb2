/** @file A latent in a file: with the generator that makes an image of it. */

import type { StudioGenerator } from '@pareidolia/studio';
import type { GenomeFile } from './png.ts';

/** A latent as JSON. */
export interface LatentDocument extends GenomeFile {
  readonly format: 'pareidolia-latent';
  readonly version: 1;
  /** `class` where it makes images by class. */
  readonly generator: { readonly name: string; readonly sha256: string; readonly class?: string };
  readonly latent: readonly number[];
}

/** @param genome packed: 32-bit floats, low byte first */
export function latentDocument(genome: Uint8Array, { name, sha256, byClass }: StudioGenerator): LatentDocument {
  const latent = Array.from(new Float32Array(genome.slice().buffer));
  const generator = { name, sha256, ...(byClass === undefined ? {} : { class: byClass.chosen }) };
  return { format: 'pareidolia-latent', version: 1, generator, latent };
}

/** Whether a document says that it is a latent. */
export function isLatentDocument(document: unknown): boolean {
  return (
    typeof document === 'object' && document !== null && 'format' in document && document.format === 'pareidolia-latent'
  );
}
