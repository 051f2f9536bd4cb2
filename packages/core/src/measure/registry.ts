/** @file All measures, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import type { Images } from '../image/images.ts';
import { unknownName } from '../settings/names.ts';
import { brightness } from './brightness.ts';
import { contrast } from './contrast.ts';
import { hiddenMeasures } from './hidden.ts';
import { HiddenActivations } from './hidden-activations.ts';
import type { Measure, MeasureContext, MeasureKind } from './measure.ts';
import { spectralSlope } from './spectral-slope.ts';
import { symmetry } from './symmetry.ts';

/** In the order in which they are listed. */
export const MEASURES: readonly MeasureKind[] = [brightness, contrast, spectralSlope, symmetry, ...hiddenMeasures];

/** Those that are taken where the user chooses none. */
export const DEFAULT_MEASURES: readonly string[] = [brightness.name, spectralSlope.name];

/** So many measures at once, at most: images beyond them are spread too thin. */
const MOST_MEASURES = 4;

/** @throws InputError where there is none of that name */
export function measureNamed(name: string): MeasureKind {
  const found = MEASURES.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'measure',
      name,
      MEASURES.map((each) => each.name),
    ),
  );
}

/**
 * Checks names of measures.
 *
 * @throws InputError where one is unknown or named twice, or there are none or too many
 */
export function requireMeasures(names: readonly string[]): void {
  for (const name of names) measureNamed(name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new InputError(`The measure ${twice} is named twice; name each once`);
  if (names.length >= 1 && names.length <= MOST_MEASURES) return;
  throw new InputError(`An archive has 1 to ${MOST_MEASURES} measures, not ${names.length}; choose fewer --measures`);
}

/** Several measures of the same images. */
export class Measures {
  readonly all: readonly Measure[];

  private constructor(all: readonly Measure[]) {
    this.all = all;
  }

  /**
   * Makes measures ready. The same context gives the same ones.
   *
   * @throws InputError where one is unknown, or the classifier lacks what it needs
   */
  static async open(names: readonly string[], context: Omit<MeasureContext, 'hidden'>): Promise<Measures> {
    requireMeasures(names);
    let fitted: Promise<HiddenActivations> | undefined;
    const hidden = (): Promise<HiddenActivations> => {
      fitted ??= HiddenActivations.fit(context.scorer, context.encoding, context.seed);
      return fitted;
    };
    const all: Measure[] = [];
    for (const name of names) all.push(await measureNamed(name).create({ ...context, hidden }));
    return new Measures(all);
  }

  /** @returns `N x measures`, row by row */
  async of(images: Images): Promise<Float64Array> {
    const { length } = this.all;
    const values = new Float64Array(images.count * length);
    for (const [at, measure] of this.all.entries()) {
      const own = await measure.of(images);
      for (let row = 0; row < images.count; row++) values[row * length + at] = own[row]!;
    }
    return values;
  }
}
