import type { PictureNote } from '../image/photograph.ts';
import { isOrAre, listed, quantity } from './labelled-files.ts';

/** Gathers what of pictures is not seen: frames but the first, transparency. */
export class PictureRemarks {
  readonly #files: Readonly<Record<PictureNote, Set<string>>> = { 'more frames': new Set(), transparent: new Set() };

  /** Notes something of a picture; once is enough. */
  add(file: string, note: PictureNote): void {
    this.#files[note].add(file);
  }

  /** Each a sentence without a full stop. */
  sentences(): readonly string[] {
    const [frames, transparent] = [[...this.#files['more frames']].sort(), [...this.#files.transparent].sort()];
    const sentences: string[] = [];
    if (frames.length > 0) {
      const have = frames.length === 1 ? 'has' : 'have';
      sentences.push(
        `${quantity(frames.length, 'picture')} ${have} several frames or pages, of which the first is taken: ${listed(frames)}`,
      );
    }
    if (transparent.length > 0) {
      sentences.push(
        `${quantity(transparent.length, 'picture')} ${isOrAre(transparent.length)} transparent, and put on white: ${listed(transparent)}`,
      );
    }
    return sentences;
  }
}
