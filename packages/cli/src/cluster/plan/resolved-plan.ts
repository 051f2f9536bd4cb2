/**
 * @file A plan in which everything is decided: which bytes, which settings, which units. A worker knows nothing else, and the
 * hash of it is the name of the campaign.
 */

import { InputError, parseCard, parseGeneratorCard } from '@pareidolia/core';
import { z } from 'zod';
import { ATTACK } from '../../attack/settings.ts';
import { AUDIT_SETTINGS } from '../../audit/settings.ts';
import { sha256 } from '../../job/hash.ts';

/** The version of plans, units and results; raised when others are no longer understood. */
export const PLAN_FORMAT = 1;

/** Bytes of a plan, of a model, and of a set of images, at most. */
export const MOST_PLAN = 2 ** 26;
export const MOST_INPUT = 2 ** 31 - 1;

export const HASH = z.string().regex(/^[0-9a-f]{64}$/);

/** A file by its content. */
const object = z.strictObject({ sha256: HASH, size: z.int().min(0).max(MOST_INPUT) });

export type ObjectRef = z.infer<typeof object>;

/** Of tasks: letters, digits, dots and hyphens, since folders are called so. */
const NAME = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,120}$/);

const seed = z.int().min(0);
const choice = z.strictObject({ name: z.string(), settings: z.record(z.string(), z.number()) });

/** A card in its form, as whoever reads it from a file checks it. */
const card = <T>(parse: (value: unknown) => T) =>
  z.custom<unknown>().transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const network = {
  name: z.string().min(1).max(200),
  ...object.shape,
  /** Its files of weights, by their names in it. */
  weights: z.array(z.strictObject({ location: z.string().min(1).max(4096), ...object.shape })).exactOptional(),
};

const model = z.strictObject({
  ...network,
  card: card((value) => parseCard(value)),
  /** In words, where the card comes from. */
  origin: z.string(),
  notices: z.array(z.string()),
});

/** What makes images of latents, with everything that was found of it in its card. */
const generator = z.strictObject({ ...network, card: card((value) => parseGeneratorCard(value)) });

const common = { name: NAME, model: z.int().min(0) };

const search = z.strictObject({
  kind: z.literal('search'),
  ...common,
  /** In whose latents is searched. */
  generator: z.int().min(0).exactOptional(),
  /** The classes that are searched, ascending. */
  classes: z.array(z.int().min(0)).min(1),
  seeds: z.array(seed).min(1),
  /** Classes of an island. */
  share: z.int().min(1),
  /** Generations of a unit. */
  epoch: z.int().min(1),
  exchange: z.boolean(),
  spec: z.strictObject({
    encoding: choice,
    variation: choice.exactOptional(),
    emitter: choice,
    archive: z.string(),
    generations: z.int().min(0).max(1_000_000_000).exactOptional(),
    batch: z.int().min(1).max(1_000_000),
  }),
});

const attack = z.strictObject({
  kind: z.literal('attack'),
  ...common,
  seed,
  settings: ATTACK.settings,
  subjects: object,
  /** Keys of its units within it, with the images in each. */
  units: z.array(z.strictObject({ key: z.string().max(200), weight: z.int().min(0) })).min(1),
});

const audit = z.strictObject({
  kind: z.literal('audit'),
  ...common,
  seed,
  settings: AUDIT_SETTINGS,
  images: object.exactOptional(),
  outliers: object.exactOptional(),
});

const task = z.discriminatedUnion('kind', [search, attack, audit]);

export const RESOLVED_PLAN = z.strictObject({
  format: z.literal(PLAN_FORMAT),
  name: z.string().max(100),
  /** Versions of this program and of the runtime that computes. */
  pareidolia: z.string().max(100),
  runtime: z.string().max(200),
  models: z.array(model).min(1),
  generators: z.array(generator).min(1).exactOptional(),
  tasks: z.array(task).min(1),
});

export type ResolvedPlan = z.infer<typeof RESOLVED_PLAN>;
export type ResolvedModel = ResolvedPlan['models'][number];
export type ResolvedGenerator = NonNullable<ResolvedPlan['generators']>[number];
export type SearchTask = z.infer<typeof search>;
export type AttackTask = z.infer<typeof attack>;
export type AuditTask = z.infer<typeof audit>;
export type Task = z.infer<typeof task>;

/** A plan as the bytes that its hash is of. */
export function writePlan(plan: ResolvedPlan): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(plan)}\n`);
}

/** A plan with its hash. */
export interface HashedPlan {
  readonly plan: ResolvedPlan;
  /** Of its bytes: the name of the campaign. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/**
 * @param bytes perhaps a stranger's
 * @throws InputError where they are no plan of this version
 */
export function parseResolvedPlan(bytes: Uint8Array): HashedPlan {
  const hash = sha256(bytes);
  if (bytes.length > MOST_PLAN) throw new InputError(`The plan ${hash.slice(0, 12)} is larger than 64 MiB`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InputError(`The plan ${hash.slice(0, 12)} is no JSON, so none of its units is run`, { cause });
  }
  const plan = RESOLVED_PLAN.safeParse(value);
  if (!plan.success) {
    const issue = plan.error.issues[0]!;
    throw new InputError(
      `The plan ${hash.slice(0, 12)} is none of this version (${issue.path.join('.')}: ${issue.message}), so none of its units is run`,
    );
  }
  const { models, generators = [], tasks } = plan.data;
  const beyond = tasks.find(
    (each) => each.model >= models.length || (each.kind === 'search' && (each.generator ?? -1) >= generators.length),
  );
  if (beyond !== undefined) {
    throw new InputError(
      `The plan ${hash.slice(0, 12)} has a task ${beyond.name} whose model or generator it lacks, so none of its units is run`,
    );
  }
  return { plan: plan.data, hash, bytes };
}
