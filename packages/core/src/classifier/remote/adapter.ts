/** @file The card's field `endpoint`: how any HTTP service is asked about an image, and where its answer stands. */

import { z } from 'zod';
import { isPath } from './path.ts';

/** What stands for an image in a request, each as a whole text. */
export const PLACEHOLDERS = {
  /** A PNG in base64. */
  png: '{{png}}',
  /** The same as a data URL. */
  dataUrl: '{{dataUrl}}',
  /** Arrays in arrays: the values that the model takes, by the card's range, mean, deviation and layout. */
  numbers: '{{numbers}}',
} as const;

const path = z.string().refine(isPath, {
  error: 'is no path; write for example predictions[0].scores, [*].label or ["a name"], and $ for the whole',
});
const text = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Headers that carry secrets. */
const SECRET = /auth|key|token|secret|cookie|password|credential/i;
const VARIABLE = /\$\{[A-Za-z_]\w*\}/;

/** How a service is asked; strict, so that a misspelled field is told. */
export const endpointSchema = z
  .strictObject({
    method: z.enum(['POST', 'PUT']).optional(),
    /** Beside the content type. `${NAME}` stands for a variable of the environment. */
    headers: z.record(text, z.string()).optional(),
    /** The body: JSON with {@link PLACEHOLDERS}, and variables as in headers. An array whose only element holds one is repeated for each image. */
    json: z.json().optional(),
    /** The body: a form, with the image as a PNG file in one field and the same texts in others. */
    multipart: z.strictObject({ file: text, fields: z.record(text, scalar).optional() }).optional(),
    /** The body: a PNG and nothing else. */
    png: z.literal(true).optional(),
    /** Images in one request, at most. */
    batch: z.int().min(1).max(10_000).default(1),
    /** Path to the array with an answer for each image; the other paths then start there. Absent where a response is about one. */
    each: path.optional(),
    /** Path to the scores: an array in the order of the classes, an array that `names` goes with, or an object by name. */
    scores: path.optional(),
    /** Path to the names of the classes that `scores` are about. */
    names: path.optional(),
    /** Path to the class alone, by name or place from 0. */
    label: path.optional(),
    /** Where a response says that the service has flagged or blocked the image. */
    flagged: z.strictObject({ path, value: scalar.optional() }).optional(),
  })
  .superRefine((endpoint, { addIssue }) => {
    const { json, multipart, png, scores, names, label, batch, each } = endpoint;
    const issue = (field: string, message: string): void => addIssue({ code: 'custom', path: [field], message });
    for (const [name, value] of Object.entries(endpoint.headers ?? {})) {
      if (SECRET.test(name) && !VARIABLE.test(value)) {
        issue(
          'headers',
          `${name} is a secret, which a file should not hold: write \${NAME}, a variable of the environment`,
        );
      }
    }
    const bodies = [json, multipart, png].filter((body) => body !== undefined).length;
    if (bodies !== 1) issue('json', 'give one of json, multipart and png: the body of a request');
    if (json !== undefined && countPlaceholders(json) !== 1) {
      issue('json', `must hold exactly one of ${Object.values(PLACEHOLDERS).join(', ')}, as a whole text`);
    }
    if ((scores === undefined) === (label === undefined)) issue('scores', 'give one of scores and label');
    if (names !== undefined && scores === undefined) issue('names', 'belongs to scores');
    if (batch > 1 && each === undefined) issue('each', 'is needed where batch is above 1');
    if (batch > 1 && (json === undefined || !hasList(json))) {
      issue('batch', 'needs json with an array whose only element holds the image');
    }
  });

/** An adapter as a run folder may hold it: without values of headers that come from no variable. */
export function withoutSecrets(adapter: EndpointAdapter): EndpointAdapter {
  if (adapter.headers === undefined) return adapter;
  const headers = Object.entries(adapter.headers).map(([name, value]) => [name, VARIABLE.test(value) ? value : '***']);
  return { ...adapter, headers: Object.fromEntries(headers) };
}

/** How a service is asked about images. */
export type EndpointAdapter = z.infer<typeof endpointSchema>;

/** The placeholder that a value is. */
export function placeholderIn(value: unknown): keyof typeof PLACEHOLDERS | undefined {
  const names = Object.keys(PLACEHOLDERS) as (keyof typeof PLACEHOLDERS)[];
  return names.find((name) => PLACEHOLDERS[name] === value);
}

/** Placeholders anywhere in a template. */
export function countPlaceholders(template: unknown): number {
  if (placeholderIn(template) !== undefined) return 1;
  if (typeof template !== 'object' || template === null) return 0;
  return Object.values(template).reduce<number>((sum, part) => sum + countPlaceholders(part), 0);
}

/** Whether a part of a template is repeated for each image: an array of one element, with a placeholder and no such array inside. */
export function isRepeated(part: unknown): part is readonly [unknown] {
  return Array.isArray(part) && part.length === 1 && countPlaceholders(part) === 1 && !hasList(part[0]);
}

function hasList(template: unknown): boolean {
  if (typeof template !== 'object' || template === null) return false;
  return isRepeated(template) || Object.values(template).some(hasList);
}
