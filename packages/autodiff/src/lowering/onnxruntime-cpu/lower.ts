/** @file Composite operators in those that ONNX Runtime's CPU provider is fast at. */

import type { GraphBuilder } from '../../builder/builder.ts';
import type { Model } from '../../model/model.ts';
import { dropsWindow, type Windows } from '../../operators/windows.ts';
import { expand, type LoweringContext, type LoweringRules } from '../expand.ts';
import { finite } from '../infinities.ts';
import { maxPoolByTaps } from '../plain/max-pool.ts';
import { PLAIN } from '../plain/rules.ts';
import { windowsIn } from '../windows.ts';
import { Blocked } from './blocked.ts';
import { blockedConvolution, blockedInputGradient, blockedKernelGradient, blockedTransposed } from './blocked-rules.ts';
import type { CpuContext } from './context.ts';
import { inputGradient } from './input-gradient.ts';
import { maskedAfterwards } from './masks.ts';
import { maxPoolByPhases } from './max-pool.ts';
import { maxPoolOfLargeWindows } from './max-pool-of-large-windows.ts';
import { Nchwc } from './nchwc.ts';
import type { MergedPhases } from './phases.ts';
import type { Pooled } from './pool.ts';
import { splitChannels } from './split.ts';
import { isBetween, unitStep } from './step.ts';

/**
 * The same computation in operators that ONNX Runtime's CPU provider is fast at.
 *
 * @param block channels per block of its layout NCHWc
 * @param takesLayout whether it takes the operators of the layout
 */
export function lowerForCpu(model: Model, block: number, takesLayout = false): Model {
  const afterwards = maskedAfterwards(model.graph);
  const mergedPhases = new Map<string, MergedPhases>();
  const masked = new Set<string>();
  let layout: Nchwc | undefined;
  let blocked: Blocked | undefined;
  /** A rule that is given what is known of the whole graph. */
  const knowing =
    (rule: (context: CpuContext) => readonly (string | undefined)[] | undefined) => (context: LoweringContext) => {
      layout ??= new Nchwc(context.b, block);
      return rule({ ...context, layout, mergedPhases, masked });
    };
  const written =
    (rule: (blocked: Blocked, context: LoweringContext) => string | undefined) => (context: LoweringContext) => {
      const [, kernel = ''] = context.node.inputs;
      // Constant kernels the runtime brings into the layout itself, and folds what follows into the convolution; those that come of
      // constants, as in a quantized network, it folds or keeps quantized.
      if (!takesLayout || !isFed(context.b, kernel)) return undefined;
      blocked ??= new Blocked(context.b, block);
      const found = rule(blocked, context);
      return found === undefined ? undefined : [found];
    };
  const rules: LoweringRules = {
    ...PLAIN,
    'pareidolia.UnitStep': ({ b, node }) => [unitStep(b, node.inputs[0]!)],
    'pareidolia.IsBetween': ({ b, node }) => {
      const [x = '', low = '', high = ''] = node.inputs;
      return [isBetween(b, x, low, high)];
    },
    'pareidolia.ReluGradient': ({ b, node, originals }) => {
      const [g = '', y = ''] = node.inputs;
      return [masked.has(originals[0]!) ? g : b.op('Mul', [g, unitStep(b, y)])];
    },
    'pareidolia.MaxPoolGradient': knowing((context) => {
      const { b, node, layout } = context;
      const [g = '', x = '', y = ''] = node.inputs;
      const windows = windowsIn(node);
      // Where ONNX Runtime's shape inference miscounts windows, it rejects products with the output.
      const isRectified = afterwards.has(node.outputs[0]!) && !dropsWindow(b.shape(x).slice(2), windows);
      const arriving = isRectified ? b.op('Mul', [layout.bring(g), unitStep(b, y)]) : g;
      const gradient = maxPoolBack(context, { g: arriving, x: finite(b, x), y: finite(b, y) }, windows);
      if (isRectified) masked.add(node.outputs[0]!);
      return [gradient];
    }),
    'pareidolia.ConvInputGradient': (context) =>
      written(blockedInputGradient)(context) ?? knowing((known) => [inputGradient(known)])(context),
    'pareidolia.ConvKernelGradient': (context) =>
      written(blockedKernelGradient)(context) ?? PLAIN['pareidolia.ConvKernelGradient']!(context),
    Conv: written(blockedConvolution),
    ConvTranspose: written(blockedTransposed),
    Split: knowing(splitChannels),
  };
  return expand(model, rules);
}

/** Whether a value depends on what the graph is fed. */
function isFed(b: GraphBuilder, value: string, seen = new Set<string>()): boolean {
  if (value === '' || seen.has(value) || b.valueOf(value) !== undefined) return false;
  seen.add(value);
  const maker = b.makerOf(value);
  return maker === undefined || maker.inputs.some((input) => isFed(b, input, seen));
}

/** Moves the cotangent to the maximum of each window, by the fastest method for the windows. */
function maxPoolBack(context: CpuContext, pooled: Pooled, windows: Windows): string {
  const { b } = context;
  const large = maxPoolOfLargeWindows(b, pooled, windows, (part, its) => maxPoolBack(context, part, its));
  if (large !== undefined) return large;
  return maxPoolByPhases(context, pooled, windows) ?? maxPoolByTaps(b, pooled.g, pooled.x, windows);
}
