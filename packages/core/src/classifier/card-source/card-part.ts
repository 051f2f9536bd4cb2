/** @file What one source - a file beside the model, the model's own metadata - says of the model card. */

import type { ModelCardInput } from '../card.ts';

/** The fields of a card that a source gives; the others it leaves open. */
export interface CardPart {
  readonly fields: ModelCardInput;
  /** What of it could not be used, and why; each a sentence. */
  readonly notices: readonly string[];
}

/** A kind of file that lies beside models, and says something of their cards. */
export interface SidecarFormat {
  /** What it is, in a few words. */
  readonly name: string;
  /** The names that such files have; `{model}` stands for the model's name without `.onnx`. */
  readonly files: readonly string[];
  /** What is read of it, for the documentation. */
  readonly reads: string;
  /**
   * What a file of such a name says; `undefined` where it is another kind of file.
   *
   * @param text its contents
   * @throws Error where it is damaged
   */
  parse(text: string): CardPart | undefined;
}

/** A JSON object as it is read: its fields may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a JSON object; `undefined` where the text holds something else. */
export function jsonFields(text: string): Fields | undefined {
  const value: unknown = JSON.parse(text);
  return isFields(value) ? value : undefined;
}

/** One number or three, as `mean` and `deviation` of a card are; `undefined` where it is something else. */
export function perChannel(value: unknown): number | number[] | undefined {
  const isNumber = (each: unknown): each is number => typeof each === 'number' && Number.isFinite(each);
  if (isNumber(value)) return value;
  if (!Array.isArray(value) || ![1, 3].includes(value.length) || !value.every(isNumber)) return undefined;
  const [first] = value;
  return value.every((each) => each === first) ? first : value;
}

/** A size in pixels; `undefined` where it is none. */
export function pixels(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 16384 ? value : undefined;
}

/** Without the fields that are `undefined`. */
export function defined<T extends object>(fields: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
