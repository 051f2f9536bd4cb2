/**
 * @file Settings that are numbers: their names, ranges, defaults and meaning stand in one schema, from which checks, help
 * texts and forms follow.
 */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { suggestion } from './names.ts';

/** One number with its range, its default and a description (`.describe`) in one line. */
export type SettingSchema = z.ZodDefault<z.ZodNumber>;

/** Settings by name. Make one with `z.object({ rate: z.number().min(0).max(1).default(0.1).describe('...') })`. */
export type SettingsSchema = z.ZodObject<Readonly<Record<string, SettingSchema>>>;

/** Settings whose schema is not known to the compiler. */
export type Settings = Readonly<Record<string, number>>;

/** One setting, as help texts and forms show it. */
export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  readonly default: number;
  readonly isInteger: boolean;
  /** Smallest value; absent where there is none. */
  readonly minimum?: number;
  /** What the value must exceed. */
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  /** What the value must stay below. */
  readonly exclusiveMaximum?: number;
}

/** No settings. */
export const NO_SETTINGS = z.object({});

/** All settings of a schema, in its order. */
export function describeSettings(schema: SettingsSchema): readonly SettingDescription[] {
  return Object.entries(schema.shape).map(([name, setting]) => {
    const { type, description, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(setting, {
      io: 'input',
    });
    // The bounds that z.int() adds by itself are not worth showing.
    const told = (bound: unknown): bound is number =>
      typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
    return {
      name,
      description: description ?? '',
      default: setting.parse(undefined),
      isInteger: type === 'integer',
      ...(told(minimum) ? { minimum } : {}),
      ...(told(maximum) ? { maximum } : {}),
      ...(told(exclusiveMinimum) ? { exclusiveMinimum } : {}),
      ...(told(exclusiveMaximum) ? { exclusiveMaximum } : {}),
    };
  });
}

/**
 * Checks settings and fills in those that are left out.
 *
 * @param owner whose settings they are, for the error, for example `cppn`
 * @param changes settings by name
 * @returns every setting of the schema
 * @throws InputError where a name is unknown or a value is out of range
 */
export function resolveSettings<S extends SettingsSchema>(owner: string, schema: S, changes: Settings): z.output<S> {
  for (const name of Object.keys(changes)) {
    if (Object.hasOwn(schema.shape, name)) continue;
    const names = Object.keys(schema.shape);
    throw new InputError(
      `${owner} has no setting ${name}${suggestion(name, names)}; it has ${names.join(', ') || 'none'}`,
    );
  }
  const result = schema.safeParse(changes);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0]);
  const setting = describeSettings(schema).find((each) => each.name === name);
  const range = setting ? rangeOf(setting) : 'a number';
  throw new InputError(
    `${name} of ${owner} is ${changes[name]}; give ${issue?.code === 'custom' ? issue.message : range}`,
  );
}

/** The range of a setting in words, for example `a number above 0 and at most 1`. */
export function rangeOf(setting: SettingDescription): string {
  const { isInteger, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = setting;
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(minimum === undefined ? [] : [`of at least ${minimum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
  return [isInteger ? 'a whole number' : 'a number', bounds.join(' and ')].filter((part) => part !== '').join(' ');
}
