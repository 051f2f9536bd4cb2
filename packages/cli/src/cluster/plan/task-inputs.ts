/** @file The objects that a plan names for its tasks. */

import type { ObjectRef, ResolvedPlan, Task } from './resolved-plan.ts';

/** What a task needs before any of its units is done: networks with their weights, and images. */
export function taskInputs({ models, generators = [] }: ResolvedPlan, task: Task): readonly ObjectRef[] {
  const generator = task.kind === 'search' && task.generator !== undefined ? [generators[task.generator]!] : [];
  const networks = [models[task.model]!, ...generator];
  const images = task.kind === 'attack' ? [task.subjects] : task.kind === 'audit' ? [task.images, task.outliers] : [];
  const all = [...networks.flatMap(({ weights = [], ...network }) => [network, ...weights]), ...images];
  return all.flatMap((input) => (input === undefined ? [] : [{ sha256: input.sha256, size: input.size }]));
}
