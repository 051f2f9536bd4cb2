/**
 * @file Where something stands in JSON: `a.b`, `a[0]`, `a[*].b`, `["a name"]`. `$` is the whole, and may stand in front. `[*]` is
 * each element of an array.
 */

import { isRecord } from './json.ts';

/** One step of a path: into an object by name, into an array by place, or into each of its elements. */
type Step = string | number | typeof EACH;
const EACH = Symbol('each');

const STEP = /\.?([\p{L}_@#-][\p{L}\p{N}_@#:-]*)|\[(\d+)\]|\[(\*)\]|\["([^"]*)"\]/uy;

/** @returns the steps; `undefined` where the text is no path */
export function parsePath(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let at = text.startsWith('$') ? 1 : 0;
  while (at < text.length) {
    STEP.lastIndex = at;
    const found = STEP.exec(text);
    if (found === null) return undefined;
    const [whole, name, place, each, quotedName] = found;
    // A dot belongs between two steps, or behind `$`.
    if (name !== undefined && whole.startsWith('.') !== at > 0) return undefined;
    steps.push(each !== undefined ? EACH : place !== undefined ? Number(place) : (name ?? quotedName)!);
    at = STEP.lastIndex;
  }
  return text === '' ? undefined : steps;
}

/** Whether a text is a path. */
export function isPath(text: string): boolean {
  return parsePath(text) !== undefined;
}

/** What stands at a path; `undefined` where nothing does. With `[*]` an array, in which each element has its own place. */
export function valueAt(json: unknown, path: string): unknown {
  return follow(json, parsePath(path) ?? [], 0);
}

function follow(value: unknown, steps: readonly Step[], at: number): unknown {
  const step = steps[at];
  if (step === undefined || value === undefined) return value;
  if (step === EACH) return Array.isArray(value) ? value.map((each) => follow(each, steps, at + 1)) : undefined;
  if (typeof step === 'number') return Array.isArray(value) ? follow(value[step], steps, at + 1) : undefined;
  return isRecord(value) && Object.hasOwn(value, step) ? follow(value[step], steps, at + 1) : undefined;
}
