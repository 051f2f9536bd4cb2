/** @file What a user writes in a plan: lists are multiplied, so that an entry is a matrix. */

import { ARCHIVES, ATTACKS, EMITTERS, ENCODINGS, LATENT_DISTRIBUTIONS } from '@pareidolia/core';
import { z } from 'zod';
import { isAddress } from '../../endpoint/address.ts';

/** One value, or several by which the entry is multiplied. */
const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.union([value, z.array(value).min(1).max(10_000)]).transform((given) => [given].flat() as z.infer<T>[]);

const count = z.int().min(1);
const text = z.string().min(1).max(4096);

/** Seeds: numbers, and ranges such as `1-10`. */
const seeds = z
  .union([z.int().min(0), z.string(), z.array(z.union([z.int().min(0), z.string()])).min(1)])
  .transform((given, context) => {
    const found = [given].flat().flatMap((item) => {
      if (typeof item === 'number') return [item];
      const [, from, to] = /^(\d+)\s*-\s*(\d+)$/.exec(item.trim()) ?? [];
      const [first, last] = [Number(from), Number(to)];
      if (to === undefined || !Number.isSafeInteger(last) || last < first || last - first >= 100_000) {
        context.addIssue({
          code: 'custom',
          message: `"${item}" is no range of seeds; write 1-10, or a list of whole numbers`,
        });
        return [];
      }
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
    return [...new Set(found)];
  });

const named = (what: string, kinds: readonly { readonly name: string }[]) =>
  z.string().refine((name) => kinds.some((kind) => kind.name === name), {
    error: ({ input }) =>
      `there is no ${what} "${String(input)}"; choose one of ${kinds.map(({ name }) => name).join(', ')}`,
  });

const settings = z.record(z.string(), z.number());

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 hexadecimal digits in lower case');

/** Hashes of files of weights by their names in the model, which are paths in its folder. */
const weights = z.record(text, hash).check(({ value, issues }) => {
  const outside = Object.keys(value).find((path) => /[\\:\0]|^\/|(^|\/)\.\.?(\/|$)/.test(path));
  if (outside === undefined) return;
  const message = 'a file of weights is named as in the model, by a path in its folder';
  issues.push({ code: 'custom', message, path: [outside], input: value });
});

/** Where a network is: a path, the name of an embedded one, or an address. */
const place = text.refine((given) => !isAddress(given) || URL.canParse(given), {
  error: ({ input }) => `"${String(input)}" is no address; write https://host/path`,
});

const file = {
  file: place,
  card: text.optional(),
  /** What the file has to have; needed where it is fetched. */
  sha256: hash.optional(),
  /** What its files of weights have to have, by their names in the model; needed where they are fetched. */
  weights: weights.optional(),
  /** What entries call it; its file name when absent. */
  name: text.max(100).optional(),
};

const model = z.union([place, z.strictObject(file)]);

const generator = z.union([
  text,
  z.strictObject({
    ...file,
    latentDimension: count.max(2 ** 16).optional(),
    latentDistribution: z.enum(LATENT_DISTRIBUTIONS).optional(),
    range: z.tuple([z.number(), z.number()]).optional(),
    class: z.union([z.string(), z.int().min(0).transform(String)]).optional(),
  }),
]);

/** The models of an entry by their names; all when absent. */
const models = oneOrMore(text).optional();

const pictures = {
  images: text.optional(),
  data: text.optional(),
  labels: text.optional(),
  limit: count.optional(),
  strict: z.boolean().optional(),
};

const search = z.strictObject({
  models,
  encodings: oneOrMore(named('encoding', ENCODINGS)).optional(),
  /** Those in whose latents is searched, by their names; all when absent. */
  generators: oneOrMore(text).optional(),
  emitters: oneOrMore(named('emitter', EMITTERS)).optional(),
  // Islands exchange the elites of classes, the most confident one for each: what an archive is about beyond that would be lost.
  archive: named(
    'archive',
    ARCHIVES.filter(({ isMeasured, name }) => !isMeasured && name !== 'fewest'),
  ).optional(),
  presets: oneOrMore(text).optional(),
  classes: z.union([text, z.int().min(0).transform(String)]).optional(),
  seeds: seeds.optional(),
  generations: oneOrMore(z.int().min(0)).optional(),
  batch: count.max(1_000_000).optional(),
  settings: settings.optional(),
  /** Classes of an island. */
  share: count.optional(),
  /** Generations of a unit. */
  epoch: count.optional(),
  /** Whether islands that differ only in their seeds exchange elites. */
  exchange: z.boolean().optional(),
});

const attack = z.strictObject({
  models,
  attacks: oneOrMore(named('attack', ATTACKS)),
  epsilons: oneOrMore(z.union([text, z.number().positive().transform(String)])).optional(),
  /** Whether each epsilon gets its own queries, and what is found in a smaller one does not count. */
  eachEpsilon: z.boolean().optional(),
  norm: z.enum(['linf', 'l2', 'l1', 'l0']).optional(),
  seeds: seeds.optional(),
  budgets: oneOrMore(count).optional(),
  targeted: text.optional(),
  batch: count.optional(),
  settings: settings.optional(),
  ...pictures,
});

const audit = z.strictObject({
  models,
  seeds: seeds.optional(),
  budgets: oneOrMore(z.enum(['quick', 'standard', 'thorough'])).optional(),
  threshold: z.number().gt(0).max(1).optional(),
  outliers: text.optional(),
  ...pictures,
});

/** A plan as it is written. */
export const PLAN = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w][\w .-]{0,99}$/, 'a name has letters, digits, spaces, dots and hyphens')
      .optional(),
    models: z.array(model).min(1).max(10_000),
    generators: z.array(generator).min(1).max(10_000).optional(),
    searches: z.array(search).optional(),
    attacks: z.array(attack).optional(),
    audits: z.array(audit).optional(),
  })
  .refine(({ searches = [], attacks = [], audits = [] }) => searches.length + attacks.length + audits.length > 0, {
    error: 'there is nothing to do; give searches, attacks or audits',
  });

export type Plan = z.infer<typeof PLAN>;
export type PlannedModel = Plan['models'][number];
export type PlannedGenerator = NonNullable<Plan['generators']>[number];
export type PlannedSearch = z.infer<typeof search>;
export type PlannedAttack = z.infer<typeof attack>;
export type PlannedAudit = z.infer<typeof audit>;
