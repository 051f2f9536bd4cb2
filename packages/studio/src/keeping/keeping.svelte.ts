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

/** Milliseconds without a change after which it is written. */
const QUIET = 250;

export class Keeping {
  #kept = $state.raw<Kept>(NOTHING);
  /** Grows when trees have come from a file. */
  opened = $state(0);
  /** Whether the browser keeps anything; some do not in private windows. */
  lasts = $state(true);
  /** Resolves when what was kept is there. */
  readonly ready: Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;

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

  forget(): void {
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
    const { images, trees } = joined(read, this.#kept);
    this.#change({ images: images.slice(0, MOST_IMAGES), trees: trees.slice(0, MOST_TREES) });
    this.opened++;
  }

  #change(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), QUIET);
  }

  async #read(): Promise<void> {
    try {
      const found: unknown = await get(KEY);
      if (isKept(found)) this.#kept = found;
    } catch {
      this.lasts = false;
    }
  }

  async #write(): Promise<void> {
    try {
      await set(KEY, this.#kept);
    } catch {
      this.lasts = false;
    }
  }
}
