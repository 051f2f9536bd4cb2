/** @file The classifier that is a service: it is asked over HTTP, and shows scores, or labels alone. */

import { InputError } from '../../errors.ts';
import { type FloatImages, type ImageShape, type Images, requireImages, sliceImages } from '../../image/images.ts';
import type { ModelCard } from '../card.ts';
import type { Classifier } from '../classifier.ts';
import { nearlyConstant } from '../constant-answer.ts';
import type { Gradients, Logits } from '../objective.ts';
import type { BetweenParts } from '../parts.ts';
import { batchOf, farImages, probeImages } from '../probes.ts';
import type { Scores } from '../scores.ts';
import { Asker, type AskerOptions } from './asker.ts';
import type { QueryMemory, RemoteAnswer, RemoteHost } from './exchange.ts';
import type { Dialogue } from './protocol.ts';
import { protocolAt } from './protocols.ts';
import { type Read, type RemoteReading, readRow, remoteReading } from './remote-reading.ts';
import { type Rows, rowsOf } from './rows.ts';

/** How a service is opened. */
export interface RemoteOptions {
  /** Its address, without user and password. */
  readonly url: string;
  /** The address without secrets, for messages. */
  readonly where: string;
  readonly card: ModelCard;
  readonly host: RemoteHost;
  /** Images in one request, at most; 32 when absent, or what the service takes. */
  readonly batch?: number;
  /** Kept as long as the classifier when absent. */
  readonly memory?: QueryMemory;
  /** What the user should know already; each a sentence without a full stop. */
  readonly notices?: readonly string[];
  /** Told of the images of each request before it is sent; where it throws, the request is not. */
  readonly spend?: (images: number) => void;
}

const USUAL_BATCH = 32;

/** How far answers to the same image may differ by rounding, in a score. */
const ROUNDING = 1e-4;

/** A service behind HTTP as a classifier. It has no gradient; attacks and searches that see scores or decisions work. */
export class RemoteClassifier implements Classifier {
  readonly shape: ImageShape;
  readonly numClasses: number;
  readonly classNames: readonly string[];
  readonly where: string;
  readonly card: ModelCard;
  /** For each channel the pixel in [0, 1] that the model receives as zero, clipped to the range. */
  readonly origin: readonly number[];
  readonly answers?: 'labels';
  readonly noGradient: string;
  /** What the scores were taken for, by whom, and why. */
  readonly reading: RemoteReading;
  /** What the user should know of it; each a sentence without a full stop. */
  readonly notices: readonly string[];
  /** The name of the protocol that is spoken. */
  readonly protocol: string;
  /** What the service says of its model. */
  readonly metadata: unknown;
  readonly #asker: Asker;
  readonly #rows: Rows;

  private constructor(
    { where, card }: Pick<RemoteOptions, 'where' | 'card'>,
    protocol: string,
    { plan, metadata }: Dialogue,
    asker: Asker,
    rows: Rows,
    reading: RemoteReading,
    notices: readonly string[],
  ) {
    this.where = where;
    this.card = card;
    this.protocol = protocol;
    this.metadata = metadata;
    this.shape = plan.shape;
    this.origin = plan.origin;
    this.numClasses = rows.numClasses;
    this.classNames = rows.classNames;
    if (rows.kind === 'labels') this.answers = 'labels';
    this.noGradient = `${where} is asked over HTTP, and tells only ${rows.kind === 'labels' ? 'labels' : 'scores'}`;
    this.reading = reading;
    this.notices = notices;
    this.#asker = asker;
    this.#rows = rows;
  }

  /**
   * Asks a service what it takes, and shows it some probe images.
   *
   * @throws InputError where no known protocol is spoken, the model takes no images, or the card disagrees
   */
  static async open(options: RemoteOptions): Promise<RemoteClassifier> {
    const { url, where, card, host, batch = USUAL_BATCH, memory = new Memory(), spend = () => {} } = options;
    if ((card.draws ?? 1) > 1) {
      throw new InputError(`${where} is asked about an image once; leave the field draws out of the card`);
    }
    const protocol = protocolAt(url, card, where);
    const dialogue = await protocol.open({ url, where, card, host });
    const isFixed = dialogue.isFixed === true;
    const most = isFixed ? dialogue.most! : Math.min(batch, dialogue.most ?? batch);
    const common: Omit<AskerOptions, 'most'> = { where, host, memory, spend };
    let asker = new Asker(dialogue, { ...common, most });
    const { shape } = dialogue.plan;
    const probes = batchOf(shape, probeImages(shape));
    let answers = await asker.ask(probes);
    const rows = rowsOf(answers, card.classNames, where);
    const notices = [...(options.notices ?? [])];
    const one = sliceImages(probes, 0, 1);
    // Kept apart from the usual answers, so that it is asked once more, and not more often when a job goes on.
    const alone = async (tag: string): Promise<Float32Array | undefined> =>
      rows.row((await asker.ask(one, undefined, tag))[0]!);
    const [first, again] = [rows.row(answers[0]!), await alone('again-')];
    if (differ(first, again)) {
      if (most > 1 && !isFixed && !differ(again, await alone('thrice-'))) {
        notices.push(`${where} scores an image by the images beside it, so it is asked about one at a time`);
        asker = new Asker(dialogue, { ...common, most: 1, tag: 'alone-' });
        answers = await asker.ask(probes);
      } else {
        notices.push(
          `${where} says something else of the same image when it is asked again, and only the first answer is kept, so figures are those of single draws`,
        );
      }
    }
    const measured = answers.flatMap((answer) => rows.row(answer) ?? []);
    const beyond =
      dialogue.sends === 'bytes'
        ? undefined
        : async () => (await asker.ask(farImages(shape))).flatMap((answer) => rows.row(answer) ?? []);
    const reading = await remoteReading(rows, dialogue.output, card, where, measured, beyond);
    if (reading.from === 'probes') notices.push(`${where}: ${reading.why}`);
    const same = nearlyConstant(table(answers, rows, reading, where, ({ confidences }) => confidences));
    if (same !== undefined) notices.push(`${where}: ${same}`);
    return new RemoteClassifier(options, protocol.name, dialogue, asker, rows, reading, notices);
  }

  async predict(images: Images, between?: BetweenParts): Promise<Scores> {
    return this.#table(images, ({ confidences }) => confidences, between);
  }

  async logits(images: Images | FloatImages, between?: BetweenParts): Promise<Logits> {
    return this.#table(images, ({ logits }) => logits, between);
  }

  /** Rejects: a service shows no gradient. */
  async gradient(): Promise<Gradients> {
    throw new InputError(`${this.noGradient}, so there is no gradient; choose an attack or emitter that needs none`);
  }

  /** Nothing is held. */
  async dispose(): Promise<void> {}

  async #table(
    images: Images | FloatImages,
    of: (read: Read) => Float32Array,
    between?: BetweenParts,
  ): Promise<Scores> {
    requireImages(images, this.shape, this.where);
    const answers = await this.#asker.ask(images, between);
    return table(answers, this.#rows, this.reading, this.where, of);
  }
}

/** What is read of each answer, in rows. */
function table(
  answers: readonly RemoteAnswer[],
  rows: Rows,
  { kind }: RemoteReading,
  where: string,
  of: (read: Read) => Float32Array,
): Scores {
  const { numClasses } = rows;
  const data = new Float32Array(answers.length * numClasses);
  answers.forEach((answer, row) => {
    data.set(of(readRow(rows.row(answer), rows, kind, where)), row * numClasses);
  });
  return { count: answers.length, numClasses, data };
}

function differ(a: Float32Array | undefined, b: Float32Array | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b;
  const scale = Math.max(1, ...a.map(Math.abs));
  return a.length !== b.length || a.some((score, k) => Math.abs(score - b[k]!) > ROUNDING * scale);
}

class Memory implements QueryMemory {
  readonly #answers = new Map<string, RemoteAnswer>();

  get(key: string): RemoteAnswer | undefined {
    return this.#answers.get(key);
  }

  add(answers: readonly (readonly [key: string, answer: RemoteAnswer])[]): void {
    for (const [key, answer] of answers) this.#answers.set(key, answer);
  }
}
