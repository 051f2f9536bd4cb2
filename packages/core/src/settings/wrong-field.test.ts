import { expect, it } from 'vitest';
import { z } from 'zod';
import { wrongField } from './wrong-field.ts';

const schema = z.strictObject({
  mean: z.union([z.number(), z.array(z.number()).min(1).max(3)]).optional(),
  width: z.int().min(1).max(100).optional(),
  share: z.number().gt(0).lt(1).optional(),
  layout: z.enum(['NCHW', 'NHWC']).optional(),
  output: z.enum(['logits', 'probabilities', 'sigmoids']).optional(),
  names: z.array(z.string()).min(2).optional(),
  sum: z
    .string()
    .regex(/^[0-9a-f]{4}$/)
    .optional(),
  page: z.url().optional(),
  ready: z.boolean().optional(),
  resize: z.strictObject({ mode: z.enum(['crop', 'squash']) }).optional(),
  layers: z.array(z.strictObject({ units: z.int() })).optional(),
});

it.each([
  [{ mean: 'grey' }, 'field mean is "grey": give a number or a list'],
  [{ mean: [0.1, 'x'] }, 'field mean is [0.1,"x"]: give a number in place of "x"'],
  [{ mean: [1, 2, 3, 4] }, 'field mean is [1,2,3,4]: give a number or a list of at most 3 entries'],
  [{ width: 1.5 }, 'field width is 1.5: give a whole number'],
  [{ width: 0 }, 'field width is 0: give at least 1'],
  [{ width: 101 }, 'field width is 101: give at most 100'],
  [{ share: 0 }, 'field share is 0: give more than 0'],
  [{ share: 1 }, 'field share is 1: give less than 1'],
  [{ layout: 'HWC' }, 'field layout is "HWC": give "NCHW" or "NHWC"'],
  [{ output: 'softmax' }, 'field output is "softmax": give "logits", "probabilities", "sigmoids"'],
  [{ names: ['one'] }, 'field names is ["one"]: give a list of at least 2 entries'],
  [{ names: [1, 'two'] }, 'field names.0 is 1: give a text in quotes'],
  [{ sum: 'xyz' }, 'field sum is "xyz": give a text that matches /^[0-9a-f]{4}$/'],
  [{ page: 'here' }, 'field page is "here": give a valid url'],
  [{ ready: 'yes' }, 'field ready is "yes": give true or false'],
  [{ resize: {} }, 'field resize.mode is missing: give "crop" or "squash"'],
  [{ widht: 3 }, 'there is no field widht (did you mean width?); there are mean, width, share'],
  [{ resize: { mode: 'crop', mod: 1 } }, 'there is no field mod in resize (did you mean mode?); there are mode'],
  [{ layers: [{ units: 1, unit: 2 }] }, 'there is no field unit in layers.0 (did you mean units?); there are units'],
  [[], 'the card is []: give fields in braces'],
  [{ names: 'a'.repeat(99) }, `field names is "${'a'.repeat(36)}...: give a list`],
] as const)('%j', (value, sentence) => {
  const { error } = schema.safeParse(value);
  expect(wrongField(error!, value, schema, 'the card')).toContain(sentence);
});

it('a rule of its own speaks for itself', () => {
  const rule = z.object({ a: z.number() }).refine(({ a }) => a !== 3, { path: ['a'], error: 'must not be 3' });
  expect(wrongField(rule.safeParse({ a: 3 }).error!, { a: 3 })).toBe('field a: must not be 3');
});
