/** @file Asks a server about images: in parts, several at a time, and about no image twice. */

import { ServiceError } from '../../errors.ts';
import { type FloatImages, type Images, imageSize, selectImages, toBytes, toFloat } from '../../image/images.ts';
import { type BetweenParts, parts } from '../parts.ts';
import { refusal } from './ask.ts';
import type { QueryMemory, RemoteAnswer, RemoteHost } from './exchange.ts';
import { isSuccess, parseBody } from './json.ts';
import type { Dialogue } from './protocol.ts';

/** What the questions go through. */
export interface AskerOptions {
  readonly where: string;
  readonly host: RemoteHost;
  readonly memory: QueryMemory;
  /** Images in one request, at most. */
  readonly most: number;
  /** Under which all answers are kept. */
  readonly tag?: string;
  /** Told of the images of each request before it is sent; where it throws, the request is not. */
  readonly spend: (images: number) => void;
}

/** With these a service refuses an image, once it has answered others. */
const BLOCKED: readonly number[] = [403, 451];
/** So many refusals in a row, and no answer between them, are taken for a refusal of everything. */
const PATIENCE = 20;

/** Asks a server. */
export class Asker {
  readonly #dialogue: Dialogue;
  readonly #options: AskerOptions;
  #hasAnswered = false;
  #refusedInRow = 0;

  constructor(dialogue: Dialogue, options: AskerOptions) {
    this.#dialogue = dialogue;
    this.#options = options;
  }

  /**
   * Answers for some images, in their order.
   *
   * @param between called between two groups of requests
   * @param tag under which answers are kept that are not those of the images as they are usually asked about
   * @throws InputError where the server refuses or answers with what it should not
   */
  async ask(images: Images | FloatImages, between?: BetweenParts, tag = ''): Promise<readonly RemoteAnswer[]> {
    const { memory, most, host } = this.#options;
    const sent = this.#asSent(images);
    const keys = keysOf(sent, host).map((key) => `${this.#options.tag ?? ''}${tag}${key}`);
    const answers = new Map<string, RemoteAnswer>();
    const missing = new Map<string, number>();
    keys.forEach((key, row) => {
      const known = memory.get(key);
      if (known !== undefined) {
        answers.set(key, known);
        this.#hasAnswered ||= known.flagged === undefined;
      } else if (!missing.has(key)) missing.set(key, row);
    });
    const [open, rows] = [[...missing.keys()], [...missing.values()]];
    const all = [...parts(rows.length, most)];
    const group = 2 * host.concurrency;
    for (let from = 0; from < all.length; from += group) {
      if (from > 0) await between?.(keys.length - rows.length + all[from]!.from);
      const asked = await Promise.allSettled(
        all.slice(from, from + group).map(async (part) => {
          const own = open.slice(part.from, part.to);
          const told = await this.#send(select(sent, rows.slice(part.from, part.to)), own);
          own.forEach((key, place) => {
            answers.set(key, told[place]!);
          });
        }),
      );
      // All are waited for first, so that what has been paid for is kept.
      const failed = asked.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    return keys.map((key) => answers.get(key)!);
  }

  #asSent(images: Images | FloatImages): Images | FloatImages {
    const isBytes = images.data instanceof Uint8Array;
    if (this.#dialogue.sends === 'floats') return isBytes ? toFloat(images as Images) : images;
    return isBytes ? images : toBytes(images as FloatImages);
  }

  async #send(images: Images | FloatImages, keys: readonly string[]): Promise<readonly RemoteAnswer[]> {
    const answers = await this.#request(images);
    this.#options.memory.add(keys.map((key, row) => [key, answers[row]!]));
    return answers;
  }

  async #request(images: Images | FloatImages): Promise<readonly RemoteAnswer[]> {
    const { where, host, spend, most } = this.#options;
    const { count } = images;
    spend(count);
    const { isFixed = false } = this.#dialogue;
    const whole = isFixed && count < most ? filledUp(images, most) : images;
    const response = await host.send(await this.#dialogue.request(whole));
    if (BLOCKED.includes(response.status) && this.#hasAnswered) {
      if (count > 1) {
        const each: RemoteAnswer[] = [];
        for (let row = 0; row < count; row++) each.push(...(await this.#request(select(images, [row]))));
        return each;
      }
      this.#refusedInRow++;
      if (this.#refusedInRow < PATIENCE) return [{ flagged: true }];
      throw new ServiceError(
        `${where} has answered ${response.status} to the last ${PATIENCE} images: it refuses everything by now; look whether the account is blocked, and go on with --resume`,
      );
    }
    if (!isSuccess(response.status)) {
      throw refusal(response, where, host, count === 1 ? 'an image' : `${count} images`);
    }
    const answers = this.#dialogue.read(parseBody(response, where, host), whole.count).slice(0, count);
    this.#hasAnswered = true;
    this.#refusedInRow = 0;
    return answers;
  }
}

/** For each image a hash of what is sent of it. */
function keysOf(images: Images | FloatImages, host: Pick<RemoteHost, 'hash'>): readonly string[] {
  const size = imageSize(images);
  const { data } = images;
  return Array.from({ length: images.count }, (_, row) => {
    const { buffer, byteOffset, byteLength } = data.subarray(row * size, (row + 1) * size);
    const digest = host.hash(new Uint8Array(buffer, byteOffset, byteLength));
    return `${data instanceof Uint8Array ? 'b' : 'f'}${digest.slice(0, 32)}`;
  });
}

function select(images: Images | FloatImages, rows: readonly number[]): Images | FloatImages {
  const { data, ...shape } = images;
  if (data instanceof Uint8Array) return selectImages({ ...shape, data }, rows);
  const size = imageSize(shape);
  const own = new Float32Array(rows.length * size);
  rows.forEach((row, place) => {
    own.set(data.subarray(row * size, (row + 1) * size), place * size);
  });
  return { ...shape, count: rows.length, data: own };
}

/** As many images as a server takes, the further ones copies of the last. */
function filledUp(images: Images | FloatImages, count: number): Images | FloatImages {
  return select(
    images,
    Array.from({ length: count }, (_, row) => Math.min(row, images.count - 1)),
  );
}
