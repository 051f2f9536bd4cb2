/** @file A figure of an audit: one number with its name, its uncertainty, and whether it may be believed. */

import { type Interval, wilsonInterval, z } from '@pareidolia/core';

/** What a figure counts. `share` and `probability` are in [0, 1]; `distance` is of pixels in [0, 1]; `queries` are passes forward. */
export const UNITS = ['share', 'probability', 'count', 'queries', 'distance', 'number'] as const;

const interval = z.tuple([z.number(), z.number()]).readonly();

/** The schema of {@link Figure}. */
export const FIGURE = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*(@(linf|l2|l1|l0):[0-9./e-]+)?$/)
    .describe('Stable name, used by gates and baselines: garbage.uniform-noise, robust@linf:8/255.'),
  title: z.string().describe('What it is, for people.'),
  unit: z.enum(UNITS),
  value: z.number().nullable().describe('null where it could not be measured.'),
  interval: interval.nullable().describe('95 % interval; of shares it is Wilson’s. null where there is none.'),
  counted: z
    .strictObject({ hits: z.int().min(0), of: z.int().min(0) })
    .nullable()
    .describe('What a share was counted from.'),
  better: z.enum(['lower', 'higher']).nullable().describe('Which way is better; null where neither is.'),
  state: z
    .enum(['measured', 'inconclusive', 'not measured'])
    .describe('inconclusive: the value is a bound or doubtful, for the reason in why.'),
  why: z.string().nullable().describe('Why it is not simply measured: a sentence without a full stop.'),
});

/** One number of an audit. */
export type Figure = z.output<typeof FIGURE>;

/** What a figure is called, and which way is better. */
export type FigureName = Pick<Figure, 'id' | 'title' | 'better'>;

/**
 * A share that was counted, with Wilson's interval.
 *
 * @param doubt why the share is not to be taken as it stands, where it is not
 */
export function shareFigure(name: FigureName, hits: number, of: number, doubt?: string): Figure {
  if (of === 0) return missingFigure(name, 'share', doubt ?? 'There was nothing to count');
  return {
    ...name,
    unit: 'share',
    value: hits / of,
    interval: wilsonInterval(hits, of),
    counted: { hits, of },
    state: doubt === undefined ? 'measured' : 'inconclusive',
    why: doubt ?? null,
  };
}

/** A number that was measured. */
export function numberFigure(
  name: FigureName,
  unit: Figure['unit'],
  value: number,
  { interval = null, doubt }: { readonly interval?: Interval | null; readonly doubt?: string | undefined } = {},
): Figure {
  if (!Number.isFinite(value)) return missingFigure(name, unit, doubt ?? 'It is not finite');
  return {
    ...name,
    unit,
    value,
    interval: interval === null ? null : [interval[0], interval[1]],
    counted: null,
    state: doubt === undefined ? 'measured' : 'inconclusive',
    why: doubt ?? null,
  };
}

/** A figure that could not be measured, and why: a sentence without a full stop. */
export function missingFigure(name: FigureName, unit: Figure['unit'], why: string): Figure {
  return { ...name, unit, value: null, interval: null, counted: null, state: 'not measured', why };
}
