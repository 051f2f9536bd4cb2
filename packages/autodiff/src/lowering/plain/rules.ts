/** @file Composite operators in standard ones, in the plainest way: for any runtime, and the oracle of other lowerings. */

import { convolveBack } from '../../gradients/windowed.ts';
import { intAttribute } from '../../operators/attributes.ts';
import type { LoweringContext, LoweringRules } from '../expand.ts';
import { windowsIn } from '../windows.ts';
import { kernelGradient } from './kernel-gradient.ts';
import { maxPoolByTaps } from './max-pool.ts';

const asFloat = ({ b }: LoweringContext, condition: string): string => b.op('Cast', [condition], { to: 1 });

export const PLAIN: LoweringRules = {
  'pareidolia.UnitStep': (context) => {
    const { b, node } = context;
    return [asFloat(context, b.op('Greater', [node.inputs[0]!, b.scalar(0)]))];
  },
  'pareidolia.IsBetween': (context) => {
    const { b, node } = context;
    const [x = '', low = '', high = ''] = node.inputs;
    const above = low === '' ? undefined : asFloat(context, b.op('GreaterOrEqual', [x, low]));
    const below = high === '' ? undefined : asFloat(context, b.op('LessOrEqual', [x, high]));
    return [above === undefined ? below : below === undefined ? above : b.op('Mul', [above, below])];
  },
  'pareidolia.ReluGradient': ({ b, node }) => {
    const [g = '', y = ''] = node.inputs;
    return [b.op('Where', [b.op('Greater', [y, b.scalar(0)]), g, b.scalar(0)])];
  },
  'pareidolia.MaxPoolGradient': ({ b, node }) => {
    const [g = '', x = ''] = node.inputs;
    return [maxPoolByTaps(b, g, x, windowsIn(node))];
  },
  'pareidolia.ConvInputGradient': ({ b, node }) => {
    const [g = '', w = '', x = ''] = node.inputs;
    return [convolveBack(b, g, w, windowsIn(node), intAttribute(node, 'group', 1), x)];
  },
  'pareidolia.ConvKernelGradient': ({ b, node }) => {
    const [g = '', x = '', w = ''] = node.inputs;
    const ins = Number(b.shape(w)[1]);
    return [kernelGradient(b, x, g, windowsIn(node), intAttribute(node, 'group', 1), ins)];
  },
};
