/** @file PNG files that carry the genome they were drawn from. */

import type { ImageShape } from '@pareidolia/core';
import { encode } from 'fast-png';
import { isPng, pngText } from './png-text.ts';

/** Formats of genomes; each is the keyword, too, of the text that holds the genome, as JSON. */
const FORMATS = ['pareidolia-cppn', 'pareidolia-palette', 'pareidolia-latent'] as const;

/** A genome as JSON. */
export interface GenomeFile {
  readonly format: (typeof FORMATS)[number];
}

/**
 * A PNG of planes.
 *
 * @param document a genome that is written into the file
 */
export function encodePng(planes: Uint8Array, shape: ImageShape, document?: GenomeFile): Blob {
  const { channels, height, width } = shape;
  const pixels = height * width;
  const data = channels === 1 ? planes : new Uint8Array(3 * pixels);
  if (channels === 3) {
    for (let i = 0; i < pixels; i++) {
      data[3 * i] = planes[i]!;
      data[3 * i + 1] = planes[pixels + i]!;
      data[3 * i + 2] = planes[2 * pixels + i]!;
    }
  }
  const text = document === undefined ? {} : { text: { [document.format]: JSON.stringify(document) } };
  const bytes = encode({ width, height, data, channels, depth: 8, ...text });
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' });
}

/**
 * The genome in a PNG that was written here, or in a JSON file.
 *
 * @throws Error with a sentence where there is none
 */
export async function readDocument(file: File): Promise<unknown> {
  if (file.size > 256 * 1024 * 1024)
    throw new Error(`${file.name} is larger than 256 MB; choose an exported PNG or JSON file`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    if (!isPng(bytes)) return JSON.parse(new TextDecoder().decode(bytes));
    const text = FORMATS.map((format) => pngText(bytes, format)).find((found) => found !== undefined);
    if (text !== undefined) return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file.name} is neither a PNG nor a JSON file with a genome; choose one that was exported here`, {
      cause,
    });
  }
  throw new Error(`${file.name} is an image without a genome in it; choose one that was exported here`);
}

/** Offers a file for saving. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
