/** @file Reads JSON that comes from a server, of which nothing is known. */

import { InputError } from '../../errors.ts';
import type { RemoteHost, RemoteResponse } from './exchange.ts';

/** Arrays in arrays, at most. */
const DEEPEST = 16;
/** Characters of a response that a message quotes, at most. */
const QUOTED = 120;

/** Whether a status says that all went well. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** @throws InputError where the body is no JSON */
export function parseBody({ text }: RemoteResponse, where: string, host: Pick<RemoteHost, 'redact'>): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const hint = /\bNaN\b|\bInfinity\b/.test(text) ? ', which has no NaN and no Infinity' : '';
    throw new InputError(`${where} answers with what is not JSON${hint}: ${quoted(text, host)}`, { cause });
  }
}

/** The beginning of a text, in one line and without secrets. */
export function quoted(text: string, host: Pick<RemoteHost, 'redact'>): string {
  if (text === '') return 'nothing';
  const line = host
    .redact(text.slice(0, 100_000))
    .replaceAll(/[\s\p{Cc}\uFFFD]+/gu, ' ')
    .trim();
  return `"${line.length > QUOTED ? `${line.slice(0, QUOTED)}...` : line}"`;
}

/** Whether a value is an object with names. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * All numbers of an array of arrays, in their order.
 *
 * @param fail throws what is wrong
 */
export function numbersIn(value: unknown, fail: (what: string) => never): number[] {
  const numbers: number[] = [];
  const visit = (part: unknown, depth: number): void => {
    if (typeof part === 'number') {
      if (!Number.isFinite(part)) fail(`gives ${part} as a score`);
      numbers.push(part);
    } else if (Array.isArray(part) && depth < DEEPEST) for (const each of part) visit(each, depth + 1);
    else fail(`gives ${Array.isArray(part) ? 'arrays in too many arrays' : kindOf(part)} where numbers are expected`);
  };
  visit(value, 0);
  return numbers;
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') {
    const names = Object.keys(value).slice(0, 5).join(', ');
    return names === ''
      ? 'an empty object'
      : `an object with ${names.length > 80 ? `${names.slice(0, 80)}...` : names}`;
  }
  return typeof value === 'string' ? 'a text' : `${value}`;
}

/** Cuts a flat list into arrays of arrays. */
export function nested(flat: readonly number[], dims: readonly number[]): unknown {
  const [, ...rest] = dims;
  if (dims.length <= 1) return flat;
  const size = rest.reduce((product, dim) => product * dim, 1);
  return Array.from({ length: dims[0]! }, (_, i) => nested(flat.slice(i * size, (i + 1) * size), rest));
}
