/** @file Images beside themselves with their contrast multiplied, for those in which one hardly sees anything. */

import type { ClassResult } from './fool-report-data.ts';

/** An image with its contrast multiplied. */
export interface AmplifiedPicture {
  /** Of a WebP file. */
  readonly bytes: Uint8Array;
  readonly factor: number;
}

/**
 * Multiplies the contrast of an image; a page does not decode images itself.
 *
 * @param png the file
 * @returns `undefined` where one sees enough as it is
 */
export type Amplify = (png: Uint8Array) => Promise<AmplifiedPicture | undefined>;

/** Classes in a gallery, at most: a page of a thousand shows each image once. */
const MOST = 48;

/** In the order of the classes; `undefined` where the image is shown by itself. */
export async function amplifiedPictures(
  classes: readonly ClassResult[],
  amplify: Amplify | undefined,
): Promise<readonly (AmplifiedPicture | undefined)[]> {
  if (amplify === undefined || classes.length > MOST) return classes.map(() => undefined);
  return Promise.all(classes.map(({ png }) => amplify(png)));
}
