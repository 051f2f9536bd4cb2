/** @file The generators that a studio has loaded. */

import {
  Generator,
  type GeneratorCard,
  type ImageShape,
  InputError,
  LATENT_SETTINGS,
  type LatentEncoding,
  latentEncoding,
  parseGeneratorCard,
} from '@pareidolia/core';
import type { StudioHost } from './host.ts';
import { expectOnnx, sha256Of } from './onnx-file.ts';
import type { StudioGenerator } from './protocol.ts';

interface Loaded {
  readonly generator: Generator;
  readonly view: StudioGenerator;
  /** Of one that makes images by class: its file and card, to choose another class. */
  readonly file?: { readonly bytes: Uint8Array; readonly card: GeneratorCard };
  /** What makes images of a shape, by the shape. */
  readonly encodings: Map<string, LatentEncoding>;
  /** How many calls work with it now. */
  users: number;
}

/** As many as are kept; the one that was loaded first, and that nobody works with, goes when another comes. */
const MOST = 4;

/** The generators that a studio has loaded, by id. */
export class Generators {
  readonly #host: StudioHost;
  readonly #loaded = new Map<string, Loaded>();
  #count = 0;

  constructor(host: StudioHost) {
    this.#host = host;
  }

  /** All of them, as a page is told, the first one first. */
  list(): StudioGenerator[] {
    return [...this.#loaded.values()].map(({ view }) => view);
  }

  /**
   * Loads a generator, and tries it on some latents.
   *
   * @param why it is taken for a generator, a phrase
   * @param card as it was written; what the graph and its images show when absent
   * @throws InputError with one sentence where it cannot be read, or there is no room for another one
   */
  async load(name: string, bytes: Uint8Array, why: string, card?: unknown): Promise<StudioGenerator> {
    expectOnnx(name, bytes);
    await this.#host.vet?.(name, bytes);
    const read = card === undefined ? undefined : parseGeneratorCard(card, `the card of ${name}`);
    const sha256 = await sha256Of(bytes);
    if (read?.sha256 !== undefined && sha256 !== '' && read.sha256 !== sha256) {
      throw new InputError(
        `The card of ${name} belongs to another file, by its field sha256; bring the card of this one, or mend the field`,
      );
    }
    const { runtime } = this.#host;
    const generator = await Generator.load(bytes, {
      runtime,
      where: name,
      ...(read === undefined ? {} : { card: read }),
      otherwiseFirst: true,
    });
    return this.add(generator, { why, sha256 }, read && { bytes, card: read });
  }

  /**
   * Adds a generator that is loaded already.
   *
   * @param about why it is taken for a generator, and the digest of its file; empty where it is not known
   * @param file of which another class can be chosen
   * @throws InputError where there is no room for another one
   */
  add(
    generator: Generator,
    { why, sha256 }: Pick<StudioGenerator, 'why' | 'sha256'>,
    file?: Loaded['file'],
  ): StudioGenerator {
    const { where: name, latents, shape, card, notices, classes } = generator;
    this.#makeRoom(name);
    const [black, white] = card.range!;
    const view: StudioGenerator = {
      id: `generator-${++this.#count}`,
      name,
      sha256,
      latents,
      shape,
      range: [black, white],
      dataset: card.dataset,
      ...(file === undefined || classes.length === 0
        ? {}
        : { byClass: { names: classes, chosen: nameOf(classes, card.class) } }),
      why,
      notices,
    };
    this.#loaded.set(view.id, { generator, view, ...(file && { file }), encodings: new Map(), users: 0 });
    return view;
  }

  /**
   * Chooses another class of a generator that makes images by class.
   *
   * @returns what takes its place
   * @throws InputError where it is not loaded, or has no such class
   */
  async choose(id: string, className: string): Promise<StudioGenerator> {
    const { view, file } = this.#get(id);
    if (file === undefined || view.byClass === undefined) {
      throw new InputError(`${view.name} makes no images by class; choose another generator`);
    }
    const { runtime } = this.#host;
    const card = { ...file.card, class: className };
    const generator = await Generator.load(file.bytes, { runtime, where: view.name, card });
    // It may have gone meanwhile.
    const former = this.#loaded.get(id);
    if (former !== undefined && former.users === 0) {
      this.#loaded.delete(id);
      void free(former);
    }
    return this.add(generator, view, file);
  }

  /**
   * A generator.
   *
   * @throws InputError where it is not loaded
   */
  get(id: string): Generator {
    return this.#get(id).generator;
  }

  /**
   * What a page is told of a generator.
   *
   * @throws InputError where it is not loaded
   */
  view(id: string): StudioGenerator {
    return this.#get(id).view;
  }

  /**
   * Works with the images of a generator, which is not given up meanwhile.
   *
   * @param shape that they are brought to
   * @throws InputError where it is not loaded
   */
  async use<Result>(
    id: string,
    { channels, height, width }: ImageShape,
    work: (encoding: LatentEncoding) => Promise<Result>,
  ): Promise<Result> {
    const loaded = this.#get(id);
    const key = `${channels} ${height} ${width}`;
    let encoding = loaded.encodings.get(key);
    if (encoding === undefined) {
      const decoder = loaded.generator.decoder({ channels, height, width });
      encoding = latentEncoding({ decoder, runtime: this.#host.runtime, ...LATENT_SETTINGS.parse({}) });
      loaded.encodings.set(key, encoding);
    }
    loaded.users++;
    try {
      return await work(encoding);
    } finally {
      loaded.users--;
    }
  }

  /** Forgets and frees all of them. */
  async dispose(): Promise<void> {
    for (const loaded of this.#loaded.values()) await free(loaded);
    this.#loaded.clear();
  }

  #get(id: string): Loaded {
    const loaded = this.#loaded.get(id);
    if (loaded === undefined) throw new InputError('This generator is not loaded any more; drop its file again');
    return loaded;
  }

  #makeRoom(name: string): void {
    if (this.#loaded.size < MOST) return;
    const leaving = [...this.#loaded].find(([, { users }]) => users === 0);
    if (leaving === undefined) {
      throw new InputError(
        `${name} cannot be opened: ${MOST} generators are open, and all of them are at work; drop it again in a moment`,
      );
    }
    this.#loaded.delete(leaving[0]);
    void free(leaving[1]);
  }
}

/** A class as the card chooses it, by its name. */
function nameOf(names: readonly string[], chosen: GeneratorCard['class']): string {
  const text = String(chosen);
  return names.includes(text) ? text : (names[Number(chosen)] ?? text);
}

async function free({ encodings }: Loaded): Promise<void> {
  for (const encoding of encodings.values()) await encoding.dispose?.();
}
