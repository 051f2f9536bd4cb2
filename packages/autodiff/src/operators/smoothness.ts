/** @file Which operators have a derivative of zero wherever it exists. */

/** Operators whose outputs do not change under small changes of their inputs. */
const FLAT: ReadonlySet<string> = new Set([
  'And',
  'ArgMax',
  'ArgMin',
  'Bernoulli',
  'Ceil',
  'ConstantOfShape',
  'Equal',
  'EyeLike',
  'Floor',
  'Greater',
  'GreaterOrEqual',
  'Hardmax',
  'IsInf',
  'IsNaN',
  'Less',
  'LessOrEqual',
  'Multinomial',
  'NonZero',
  'Not',
  'OneHot',
  'Or',
  'RandomNormalLike',
  'RandomUniformLike',
  'Range',
  'Round',
  'Shape',
  'Sign',
  'Size',
  'Xor',
]);

/** Whether a gradient ends at this operator: its outputs are piecewise constant, or not numbers. */
export function isFlat(opType: string): boolean {
  return FLAT.has(opType);
}
