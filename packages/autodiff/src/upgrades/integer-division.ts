/**
 * @file Division of whole numbers. Processors trap where the divisor is 0, and where the least number is divided by -1, which
 * ends the process of ONNX Runtime 1.30. A constant divisor of 0 is refused; a divisor that is computed becomes 1 in these
 * places, which leaves all other quotients and remainders as they are.
 */

import { type DataType, type TensorValue, typeCode } from '../model/tensor.ts';
import { as, refuse, type UpgradeContext, type UpgradeRule } from './types.ts';

/** Types in which the runtime compares and chooses. */
const OWN: ReadonlySet<DataType> = new Set(['int32', 'int64']);
/** Types that int64 holds. */
const SMALLER: ReadonlySet<DataType> = new Set(['int8', 'uint8', 'int16', 'uint16', 'uint32']);

/** Div and Mod. */
const division: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const [x = '', divisor = ''] = node.inputs;
  if (!b.isDescribed(x) || !b.isDescribed(divisor)) return node;
  const { type } = b.typeOf(x);
  if (type.startsWith('float') || type === 'bool') return node;
  const { hasZero, hasMinusOne } = hazards(context, divisor);
  if (hasZero && b.valueOf(divisor) !== undefined) {
    refuse(node, `divides by ${divisor}, which holds 0, in whole numbers; export the model with other divisors`);
  }
  const dividend = b.valueOf(x)?.data;
  if (hasMinusOne && b.valueOf(divisor) !== undefined && dividend?.some((value) => BigInt(value) === leastOf(type))) {
    refuse(node, `divides the least number of ${type} by -1, which is beyond the greatest; export the model again`);
  }
  if ((!hasZero && !hasMinusOne) || isGuarded(context, x, divisor)) return node;
  if (OWN.has(type)) return { ...node, inputs: [x, guarded(context, x, divisor, type)] };
  if (!SMALLER.has(type)) {
    const one: TensorValue = { type, dims: [], data: BigUint64Array.of(1n) };
    return type === 'uint64' ? { ...node, inputs: [x, op('Max', [divisor, b.constant(one)])] } : node;
  }
  const [wide, by] = [x, divisor].map((value) => op('Cast', [value], { to: typeCode('int64') })) as [string, string];
  const result = op(node.opType, [wide, guarded(context, wide, by, 'int64')], Object.fromEntries(node.attributes));
  return as(context, node, 'Cast', [result], { to: typeCode(type) });
};

/** Which of the numbers that trap a divisor may hold. */
function hazards({ b }: UpgradeContext, divisor: string): { readonly hasZero: boolean; readonly hasMinusOne: boolean } {
  const known: ArrayLike<number | bigint | string> | undefined = b.valueOf(divisor)?.data ?? b.entriesOf(divisor)?.data;
  if (known === undefined) return { hasZero: true, hasMinusOne: true };
  let [hasZero, hasMinusOne] = [false, false];
  for (let at = 0; at < known.length; at++) {
    const entry = known[at]!;
    // The length of an open axis is at least 1.
    if (entry === '?' || (typeof entry !== 'string' && Number(entry) === 0)) hasZero = true;
    if (entry === '?' || (typeof entry !== 'string' && Number(entry) === -1)) hasMinusOne = true;
  }
  return { hasZero, hasMinusOne };
}

function whole({ b }: UpgradeContext, type: DataType, value: bigint): string {
  return b.constant({
    type,
    dims: [],
    data: type === 'int64' ? BigInt64Array.of(value) : Int32Array.of(Number(value)),
  });
}

const leastOf = (type: DataType): bigint => (type === 'int64' ? -(2n ** 63n) : -(2n ** 31n));

/** The divisor with 1 in the places that trap. Dividing by 1 is also what wraps around: the least number stays. */
function guarded(context: UpgradeContext, x: string, divisor: string, type: DataType): string {
  const { op } = context;
  const { hasZero, hasMinusOne } = hazards(context, divisor);
  const traps: string[] = [];
  if (hasZero) traps.push(op('Equal', [divisor, whole(context, type, 0n)]));
  if (hasMinusOne) {
    const isLeast = op('Equal', [x, whole(context, type, leastOf(type))]);
    traps.push(op('And', [op('Equal', [divisor, whole(context, type, -1n)]), isLeast]));
  }
  const isTrap = traps.length === 2 ? op('Or', traps) : traps[0]!;
  return op('Where', [isTrap, whole(context, type, 1n), divisor]);
}

/** Whether the divisor is what {@link guarded} makes. */
function isGuarded(context: UpgradeContext, x: string, divisor: string): boolean {
  const { b } = context;
  const choice = b.makerOf(divisor);
  if (choice?.opType !== 'Where') return false;
  const [condition = '', one = '', inner = ''] = choice.inputs;
  const is = (value: string, number: bigint): boolean => {
    const data = b.valueOf(value)?.data;
    return data?.length === 1 && BigInt(data[0]!) === number;
  };
  const top = b.makerOf(condition);
  const parts = top?.opType === 'Or' ? top.inputs : [condition];
  const compares = (value: string, what: string, number: bigint): boolean => {
    const maker = b.makerOf(value);
    return maker?.opType === 'Equal' && maker.inputs[0] === what && is(maker.inputs[1] ?? '', number);
  };
  const { hasZero, hasMinusOne } = hazards(context, inner);
  const catchesZero = !hasZero || parts.some((part) => compares(part, inner, 0n));
  const catchesLeast =
    !hasMinusOne ||
    parts.some((part) => {
      const both = b.makerOf(part);
      return (
        both?.opType === 'And' &&
        compares(both.inputs[1] ?? '', x, leastOf(b.typeOf(x).type)) &&
        isMinusOne(both.inputs[0] ?? '')
      );
    });
  return is(one, 1n) && catchesZero && catchesLeast;

  /** Folded to a constant where the divisor is one. */
  function isMinusOne(value: string): boolean {
    return b.valueOf(value) !== undefined ? b.valueOf(inner) !== undefined : compares(value, inner, -1n);
  }
}

export const DIVISION_UPGRADES: Readonly<Record<string, UpgradeRule>> = { Div: division, Mod: division };
