/** @file Operators that compute each element of their output from the elements at the same place in their inputs. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Type and shape of the output are those of the first input; further inputs are parameters. */
export const SAME_SHAPE: readonly string[] = words(`
  Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity
  LeakyRelu Log Mish Neg Not PRelu Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish
  Tan Tanh ThresholdedRelu`);

/** Inputs are broadcast against each other; the output has their type. */
export const BROADCASTING: readonly string[] = words('Add Div Max Mean Min Mod Mul Sub Sum');

/** Inputs are broadcast against each other; the output is `bool`. */
export const COMPARISONS: readonly string[] = words(
  'And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Or Xor',
);

/** All of them, with those whose output type or shape follows a rule of its own. */
export const ELEMENTWISE: readonly string[] = [
  ...SAME_SHAPE,
  ...BROADCASTING,
  ...COMPARISONS,
  ...words('BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Dropout Pow Where'),
];
