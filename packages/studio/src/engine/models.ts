/** @file The networks that a studio has loaded. */

import { type Model, readModel } from '@pareidolia/autodiff';
import {
  type Classifier,
  drawSamples,
  type GatheredCard,
  type GradientScorer,
  gatherCard,
  givenFields,
  InputError,
  imageSize,
  isDrawn,
  metered,
  OnnxClassifier,
  scoresOf,
} from '@pareidolia/core';
import { modelFacts } from '@pareidolia/lab';
import { quoted } from './audit-command.ts';
import { topGuesses } from './guesses.ts';
import type { StudioHost } from './host.ts';
import { Meter } from './meter.ts';
import { expectOnnx, sha256Of } from './onnx-file.ts';
import type { Guess, StudioModel } from './protocol.ts';
import { quizKinds } from './quiz/quiz-kinds.ts';

/** Where a network comes from, for whoever writes about it. */
export interface ModelSource {
  readonly kind: 'file' | 'embedded';
  /** Of its file, in hexadecimal; empty where it is not known. */
  readonly sha256: string;
  /** Where its card comes from, in words. */
  readonly cardOrigin: string;
  /** How commands name it; `undefined` where they cannot. */
  readonly words: string | undefined;
  /** The card that was brought with it, as JSON. */
  readonly written?: string;
}

/** What is said of a network that nothing is known of. */
const UNKNOWN: ModelSource = { kind: 'file', sha256: '', cardOrigin: 'not known', words: undefined };

interface Loaded {
  readonly classifier: OnnxClassifier;
  readonly source: ModelSource;
  readonly view: StudioModel;
  /** How many attacks, runs and calls work with it now. */
  users: number;
}

/** As many as are kept; the one that was loaded first, and that nobody works with, goes when another comes. */
const MOST = 8;

/** The networks that a studio has loaded, by id. */
export class Models {
  readonly #host: StudioHost;
  readonly #meter: Meter;
  readonly #loaded = new Map<string, Loaded>();
  #count = 0;

  constructor(host: StudioHost) {
    this.#host = host;
    this.#meter = new Meter(host);
  }

  /** All of them, as a page is told, the first one first. */
  list(): StudioModel[] {
    return [...this.#loaded.values()].map(({ view }) => view);
  }

  /**
   * Loads a network.
   *
   * @param card as it was written; what is known of the network when absent
   * @param source where it is another one than a file that a page has brought
   * @throws InputError with one sentence where it is no image classifier, or there is no room for another one
   */
  async load(name: string, bytes: Uint8Array, card?: unknown, source: Partial<ModelSource> = {}): Promise<StudioModel> {
    expectOnnx(name, bytes);
    const sha256 = await sha256Of(bytes);
    // The same file again is the same network, unless another card says how to read it. Without digests nobody knows.
    const written = card === undefined ? undefined : JSON.stringify(card);
    const open = [...this.#loaded.values()].find(
      (each) =>
        sha256 !== '' && each.source.sha256 === sha256 && (written === undefined || each.source.written === written),
    );
    if (open !== undefined) return open.view;
    this.#requireRoom(name);
    const { runtime, device, threads } = this.#host;
    const { card: found, notices } = this.#card(name, bytes, card);
    await this.#host.vet?.(name, bytes, found);
    const classifier = await OnnxClassifier.load(bytes, {
      card: found,
      notices,
      runtime,
      device,
      threads,
      where: name,
    });
    try {
      return this.add(name, classifier, {
        kind: 'file',
        sha256,
        ...(written === undefined ? {} : { written }),
        cardOrigin: card === undefined ? 'what is known of the network' : 'brought with the network',
        // A card lies beside its network under a name that is not known here.
        words: card === undefined ? `--model ${quoted(name)}` : undefined,
        ...source,
      });
    } catch (error) {
      await classifier.dispose();
      throw error;
    }
  }

  /**
   * Adds a network that is loaded already.
   *
   * @throws InputError where there is no room for another one
   */
  add(name: string, classifier: OnnxClassifier, source: ModelSource = UNKNOWN): StudioModel {
    const blockers = classifier.gradientBlockers();
    const noGradient =
      blockers.length === 0
        ? undefined
        : `no gradient flows through ${[...new Set(blockers.map(({ opType }) => opType))].join(', ')}`;
    const facts = modelFacts(
      {
        card: classifier.card,
        reading: classifier.reading,
        gradientKind: classifier.gradientKind,
        ...(noGradient === undefined ? {} : { noGradient }),
      },
      source.cardOrigin,
    );
    const { dataset } = classifier.card;
    const hasDrawings = isDrawn(dataset) && drawSamples(dataset, classifier.shape, 1, 0) !== undefined;
    const view: StudioModel = {
      id: `model-${++this.#count}`,
      name,
      shape: classifier.shape,
      classNames: classifier.classNames,
      dataset: classifier.card.dataset,
      ...(isDrawn(classifier.card.dataset) ? { drawn: classifier.card.dataset } : {}),
      resize: classifier.card.resize,
      scores: classifier.reading.why,
      notices: classifier.notices,
      facts,
      noGradient,
      ...(classifier.gradientKind === 'exact' ? {} : { isGradientEstimated: true }),
      ...(classifier.refusedClass === undefined ? {} : { refusedClass: classifier.refusedClass }),
      quizKinds: quizKinds({ shape: classifier.shape, noGradient, hasDrawings }),
    };
    const leaving = this.#requireRoom(name);
    if (leaving !== undefined) {
      void this.#loaded.get(leaving)!.classifier.dispose();
      this.#loaded.delete(leaving);
    }
    this.#loaded.set(view.id, { classifier, source, view, users: 0 });
    return view;
  }

  /** Forgets a network and frees it; nothing happens where it is not loaded. */
  async remove(id: string): Promise<void> {
    const loaded = this.#loaded.get(id);
    this.#loaded.delete(id);
    await loaded?.classifier.dispose();
  }

  /**
   * A network.
   *
   * @throws InputError where it is not loaded
   */
  get(id: string): OnnxClassifier {
    const loaded = this.#loaded.get(id);
    if (loaded === undefined) throw new InputError('This model is not loaded any more; drop its file again');
    return loaded.classifier;
  }

  /**
   * A network as a page is told.
   *
   * @throws InputError where it is not loaded
   */
  viewOf(id: string): StudioModel {
    this.get(id);
    return this.#loaded.get(id)!.view;
  }

  /**
   * Where a network comes from.
   *
   * @throws InputError where it is not loaded
   */
  sourceOf(id: string): ModelSource {
    this.get(id);
    return this.#loaded.get(id)!.source;
  }

  /**
   * Works with a network, which is not given up meanwhile.
   *
   * @throws InputError where it is not loaded
   */
  async use<Result>(id: string, work: (network: Classifier & GradientScorer) => Promise<Result>): Promise<Result> {
    const release = this.hold(id);
    try {
      return await work(this.counted(id));
    } finally {
      release();
    }
  }

  /**
   * Keeps a network from being given up.
   *
   * @returns ends that; to be called once
   * @throws InputError where it is not loaded
   */
  hold(id: string): () => void {
    this.get(id);
    const loaded = this.#loaded.get(id)!;
    loaded.users++;
    return () => {
      loaded.users--;
    };
  }

  /**
   * A network whose images are counted for the rate that pages show.
   *
   * @throws InputError where it is not loaded
   */
  counted(id: string): Classifier & GradientScorer {
    const classifier = this.get(id);
    return { ...metered(classifier, ({ forward }) => this.#meter.add(forward)), origin: classifier.origin };
  }

  /**
   * The most likely classes of 8-bit images.
   *
   * @param images N images of the network's shape, one after the other
   * @param top how many classes
   * @returns for each image its classes, the most likely one first
   * @throws InputError where the network is not loaded, or the bytes are no whole number of images
   */
  predict(id: string, images: Uint8Array, top: number): Promise<(readonly Guess[])[]> {
    return this.use(id, (network) => this.#predict(network, images, top));
  }

  async #predict(network: Classifier, images: Uint8Array, top: number): Promise<(readonly Guess[])[]> {
    const count = images.length / imageSize(network.shape);
    if (count === 0) return [];
    if (!Number.isInteger(count)) {
      throw new InputError(`${images.length} bytes are no whole number of images of ${network.where}; resize them`);
    }
    const scores = await network.predict({ ...network.shape, count, data: images });
    return Array.from({ length: count }, (_, row) => topGuesses(scoresOf(scores, row), network.classNames, top));
  }

  /** Forgets and frees all of them. */
  async dispose(): Promise<void> {
    for (const { classifier } of this.#loaded.values()) await classifier.dispose();
    this.#loaded.clear();
  }

  /**
   * The network that goes when another comes; `undefined` where none has to. The first one is the place to come back to, and stays.
   *
   * @throws InputError where all are at work
   */
  #requireRoom(name: string): string | undefined {
    if (this.#loaded.size < MOST) return undefined;
    const [, ...others] = this.#loaded;
    const free = others.find(([, { users }]) => users === 0);
    if (free !== undefined) return free[0];
    throw new InputError(
      `${name} cannot be opened: ${MOST} networks are open, and all of them are at work; stop an attack or a search, and drop it again`,
    );
  }

  /** The card that was brought, with what the network itself says where it leaves something open. */
  #card(name: string, bytes: Uint8Array, card: unknown): GatheredCard {
    const where = `the card of ${name}`;
    return gatherCard({
      where: name,
      model: graphOf(bytes),
      ...(card === undefined ? {} : { card: { fields: givenFields(card, where), where } }),
      remedy: 'Bring a model card with it (a .card.json file)',
    });
  }
}

/** The graph, for what it says of the card; why a file cannot be read is told when it is loaded. */
function graphOf(bytes: Uint8Array): Model | undefined {
  try {
    return readModel(bytes);
  } catch {
    return undefined;
  }
}
