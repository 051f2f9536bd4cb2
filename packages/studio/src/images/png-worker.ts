/** @file Writes PNG files beside the page, which stays free meanwhile. */

import type { ImageShape } from '@pareidolia/core';
import { encodePng, type GenomeFile } from './png.ts';

export interface PngRequest {
  readonly planes: Uint8Array;
  readonly shape: ImageShape;
  readonly document: GenomeFile;
}

self.onmessage = ({ data }: MessageEvent<PngRequest>) => {
  const { planes, shape, document } = data;
  self.postMessage(encodePng(planes, shape, document));
};
