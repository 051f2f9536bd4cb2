/** @file What is wrong with a file that the user wrote, in words. */

import { z } from 'zod';
import { suggestion } from './names.ts';

type Issue = z.core.$ZodIssue;

/** What a value should have been. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'fields in braces',
  record: 'fields in braces',
  null: 'null',
  undefined: 'nothing',
};

/**
 * The first thing that is wrong, for example `field mean is "grey": give a number or a list`.
 *
 * @param error what the schema said
 * @param value what was checked
 * @param schema of the whole, which names its fields where the file has one that there is not
 * @param top what the whole is called
 */
export function wrongField(error: z.ZodError, value: unknown, schema?: z.ZodType, top = 'the whole'): string {
  const [issue] = error.issues;
  if (issue === undefined) return `${top} is wrong`;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return unknownField(issue.keys, path, schema);
  const field = path.length === 0 ? top : `field ${path.join('.')}`;
  if (issue.code === 'custom') return `${field}: ${issue.message}`;
  const given = at(value, issue.path);
  const said = given === undefined ? 'is missing' : `is ${short(given)}`;
  return `${field} ${said}: give ${wanted(issue, given)}`;
}

function unknownField(keys: readonly string[], path: readonly string[], schema: z.ZodType | undefined): string {
  const [key = ''] = keys;
  const known = fieldsOf(schema, path);
  const place = path.length === 0 ? '' : ` in ${path.join('.')}`;
  const list = known.length === 0 ? 'leave it out' : `there are ${known.join(', ')}`;
  return `there is no field ${key}${place}${suggestion(key, known)}; ${list}`;
}

/** Names of the fields at a place of a schema; none where they cannot be told. */
function fieldsOf(schema: z.ZodType | undefined, path: readonly string[]): readonly string[] {
  let at: unknown = schema;
  const inner = (each: unknown): unknown => {
    const { unwrap } = (each ?? {}) as { unwrap?: () => unknown };
    return typeof unwrap === 'function' && !(each instanceof z.ZodArray) ? inner(unwrap.call(each)) : each;
  };
  for (const name of path) {
    const here = inner(at);
    at =
      here instanceof z.ZodObject
        ? (here.shape as Record<string, unknown>)[name]
        : here instanceof z.ZodArray
          ? here.element
          : undefined;
  }
  const here = inner(at);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function wanted(issue: Issue, given: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? `a ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(issue.values.length > 2 ? ', ' : ' or ');
    case 'too_small':
      return bound(issue.origin, `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`);
    case 'too_big':
      return bound(issue.origin, `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `a text that matches ${issue.pattern}` : `a valid ${issue.format}`;
    case 'invalid_union':
      return union(issue.errors, given);
    default:
      return issue.message;
  }
}

/** The alternatives; where one of them only went wrong further in, that one. */
function union(alternatives: readonly (readonly Issue[])[], given: unknown): string {
  const deeper = alternatives.map(([issue]) => issue).find((issue) => issue !== undefined && issue.path.length > 0);
  if (deeper !== undefined) {
    const own = at(given, deeper.path);
    return `${wanted(deeper, own)} in place of ${own === undefined ? 'nothing' : short(own)}`;
  }
  const ways = alternatives.flatMap(([issue]) => (issue === undefined ? [] : [wanted(issue, given)]));
  return [...new Set(ways)].join(' or ');
}

function bound(origin: string, limit: string): string {
  if (origin === 'string') return `a text of ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `a list of ${limit} entries`;
  return limit;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((each, key) => (each as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

/** A value as it was written, at most as long as a sentence bears. */
function short(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
