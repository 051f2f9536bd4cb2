/** @file How many images a network takes in one call. */

import { BATCH, FixedBatchError, GraphBuilder, type Model, OnnxError, upgrade, withBatch } from '@pareidolia/autodiff';

/** A network, brought to the current opset. */
export interface Batched {
  readonly model: Model;
  /** The number of images in each call; `undefined` where it takes any number. */
  readonly batch: number | undefined;
  /** Why the number is fixed. */
  readonly why?: string;
}

/**
 * Opens a network to any number of images. One that was exported for a fixed number stays as it is where that number is
 * written into it so that it cannot be opened, and is then always given as many.
 *
 * @throws OnnxError where the network cannot be brought to the current opset
 */
export function openBatch(model: Model): Batched {
  const said = model.graph.inputs[0]?.shape?.[0];
  if (typeof said !== 'number') return openAlready(model);
  try {
    const opened = said === 1 ? upgrade(withBatch(model)) : withOpenInput(model);
    if (opened !== undefined) return { model: opened, batch: undefined };
    return { model: upgrade(model), batch: said, why: `that number is written into the network` };
  } catch (error) {
    if (!(error instanceof FixedBatchError)) throw error;
    return { model: upgrade(model), batch: said, why: `images cannot be told apart at ${error.place}` };
  }
}

/** A network whose input is open, but whose output may have a fixed number of rows, as where a Reshape says it. */
function openAlready(model: Model): Batched {
  const opened = upgrade(withBatch(model));
  const b = GraphBuilder.from(opened);
  const rows = opened.graph.outputs.flatMap(({ name }) => {
    const [count, ...rest] = b.isDescribed(name) ? b.shape(name) : [];
    return typeof count === 'number' && rest.length > 0 ? [count] : [];
  });
  const [batch] = rows;
  const input = model.graph.inputs[0];
  if (batch === undefined || batch < 1 || input?.shape === undefined) return { model: opened, batch: undefined };
  const inputs = [{ ...input, shape: [batch, ...input.shape.slice(1)] }];
  return {
    model: upgrade({ ...model, graph: { ...model.graph, inputs } }),
    batch,
    why: 'that number is written into the network, whatever its input says',
  };
}

/** A network for several images whose output has as many rows as its input, whatever their number; else `undefined`. */
function withOpenInput(model: Model): Model | undefined {
  const inputs = model.graph.inputs.map((input) => ({ ...input, shape: [BATCH, ...(input.shape ?? []).slice(1)] }));
  // The outputs say the fixed number.
  const outputs = model.graph.outputs.map(({ name, type }) => ({ name, type, shape: undefined }));
  try {
    const opened = upgrade({ ...model, graph: { ...model.graph, inputs, outputs } });
    const b = GraphBuilder.from(opened);
    const isOpen = opened.graph.outputs.every(({ name }) => b.isDescribed(name) && b.shape(name)[0] === BATCH);
    return isOpen ? opened : undefined;
  } catch (error) {
    if (error instanceof OnnxError) return undefined;
    throw error;
  }
}
