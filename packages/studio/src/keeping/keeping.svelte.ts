/** @file What the browser keeps of a session from one visit to the next. */

import { get, set } from 'idb-keyval';
import {
  isKept,
  isSame,
  joined,
  type Kept,
  type KeptImage,
  type KeptTree,
  NOTHING,
  readKept,
  writeKept,
} from './kept-file.ts';

const KEY = 'pareidolia-kept';

/** As many as are kept; the oldest goes when another comes. */
const [MOST_IMAGES, MOST_TREES] = [48, 8];

/** Steps of a tree that are kept: the pictures of one take some 400 kB. */
const MOST_STEPS = 80;

export class Keeping {
  #kept = $state.raw<Kept>(NOTHING);
  /** Grows when trees have come from a file. */
  opened = $state(0);
  /** Whether the browser keeps anything; some do not in private windows. */
  lasts = $state(true);
  /** Whether a change is still to be written: what leaves the page now would lose it. */
  isWriting = $state(false);
  /** Resolves when what was kept is there. */
  readonly ready: Promise<void>;
  #changes = 0;

  constructor() {
    this.ready = this.#read();
  }

  get images(): readonly KeptImage[] {
    return this.#kept.images;
  }

  get trees(): readonly KeptTree[] {
    return this.#kept.trees;
  }

  /** Puts an image aside, once; another one of the same name gets a number. */
  addImage(image: KeptImage): void {
    const mates = this.images.filter(({ network }) => network === image.network);
    if (mates.some(({ planes }) => isSame(planes, image.planes))) return;
    let free = image.name;
    for (let number = 2; mates.some(({ name }) => name === free); number++) free = `${image.name} (${number})`;
    this.#change({ images: [{ ...image, name: free }, ...this.images].slice(0, MOST_IMAGES) });
  }

  treeOf(network: string): KeptTree | undefined {
    return this.trees.find((tree) => tree.network === network);
  }

  /** In the place of the network's last one. One that has grown too long stays as it was. */
  setTree(tree: KeptTree): void {
    if (tree.steps.length > MOST_STEPS) return;
    const others = this.trees.filter(({ network }) => network !== tree.network);
    this.#change({ trees: [tree, ...others].slice(0, MOST_TREES) });
  }

  /** Waits for the store to be read: what it holds would come back otherwise. */
  async forget(): Promise<void> {
    await this.ready;
    this.#change(NOTHING);
  }

  toFile(): Blob {
    return new Blob([writeKept(this.#kept)], { type: 'application/octet-stream' });
  }

  /**
   * Adds what a file holds; its trees take the place of those that were bred here for the same network.
   *
   * @throws Error with a sentence where it holds nothing of this kind
   */
  async open(file: File): Promise<void> {
    const read = readKept(new Uint8Array(await file.arrayBuffer()), file.name);
    this.#change(cut(joined(read, this.#kept)));
    this.opened++;
  }

  /** Shows a change at once, and writes it as soon as the store was read and the last change is written. */
  #change(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#changes++;
    if (!this.isWriting) void this.#write();
  }

  async #read(): Promise<void> {
    try {
      const found: unknown = await get(KEY);
      if (isKept(found)) this.#kept = this.#changes === 0 ? found : cut(joined(this.#kept, found));
    } catch {
      this.lasts = false;
    }
  }

  /** Writes until nothing has changed meanwhile. */
  async #write(): Promise<void> {
    this.isWriting = true;
    await this.ready;
    let written = 0;
    while (written !== this.#changes) {
      written = this.#changes;
      try {
        await set(KEY, this.#kept);
      } catch {
        this.lasts = false;
      }
    }
    this.isWriting = false;
  }
}

/** The newest of what is kept, as many as there is room for. */
function cut({ images, trees, ...rest }: Kept): Kept {
  return { ...rest, images: images.slice(0, MOST_IMAGES), trees: trees.slice(0, MOST_TREES) };
}
