/**
 * @file Read, check, edit and differentiate ONNX graphs. No runtime, no I/O.
 *
 * The folders build on each other in this order: proto, model, operators, shapes, folding, builder, upgrades, batching,
 * losses, gradients, lowering; then the files budget, differentiate, batch-statistics, optimizer, step-graph, training,
 * step-network, adversarial-step, variational-step. Each imports only from those before it. `testing` is not in the package.
 */

export * from './adversarial-step.ts';
export { runningStatistics } from './batch-statistics.ts';
export * from './batching/with-batch.ts';
export * from './budget.ts';
export * from './builder/builder.ts';
export * from './differentiate.ts';
export * from './errors.ts';
export { STRAIGHT_THROUGH_RULES } from './gradients/quantization.ts';
export type { GradientContext, GradientRule, GradientRules } from './gradients/types.ts';
export { type AdversarialLoss, nonSaturating } from './losses/adversarial-loss.ts';
export { logScores } from './losses/log-scores.ts';
export { type ClassScores, findLogits } from './losses/logits.ts';
export * from './losses/margin.ts';
export * from './losses/objective.ts';
export * from './losses/probability.ts';
export { realLogits } from './losses/real-logits.ts';
export {
  divergence,
  type JointObjective,
  type LossTerm,
  maxLogProbability,
  smoothedCrossEntropy,
  type TrainingLoss,
  uniformCrossEntropy,
} from './losses/training-loss.ts';
export { bernoulliCrossEntropy, divergenceFromNormal } from './losses/variational.ts';
export { type CpuTarget, lower, type Target } from './lowering/lower.ts';
export { type Entries, type Entry, tensorOfEntries } from './model/entries.ts';
export type { ExternalData } from './model/external-data.ts';
export * from './model/model.ts';
export { pruned, withOutputs } from './model/outputs.ts';
export { prefixed } from './model/prefixed.ts';
export { readModel } from './model/read.ts';
export { needsOf } from './model/subgraphs.ts';
export * from './model/tensor.ts';
export { writeModel } from './model/write.ts';
export {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  tensorAttribute,
} from './operators/attributes.ts';
export { checkNodes } from './operators/check.ts';
export { isDynamicallyQuantized } from './operators/quantized.ts';
export { refuseQuantized } from './operators/standard.ts';
export type { Adam, Optimizer, Sgd } from './optimizer.ts';
export type { ShapeContext, ShapeRule, ShapeRules, ValueType } from './shapes/types.ts';
export { averageOf, type Slot, type StepGraph } from './step-graph.ts';
export * from './training.ts';
export { type GradientKind, type RealNetwork, straightThrough } from './upgrades/quantized/straight-through.ts';
export { upgrade } from './upgrades/upgrade.ts';
export * from './variational-step.ts';
