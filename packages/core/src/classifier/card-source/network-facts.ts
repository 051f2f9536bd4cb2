/** @file What a graph says of a network's images and classes, so far as it can be told without a card. */

import { type Dim, GraphBuilder, type Model, upgrade, type ValueInfo } from '@pareidolia/autodiff';
import { parseCard } from '../card.ts';
import { imageAxes } from '../image-axes.ts';
import { wholeRange } from '../input.ts';
import { withScoresOnly } from '../score-output.ts';

/** What the graph decides; `undefined` where it leaves it open. */
export interface NetworkFacts {
  readonly channels: number | undefined;
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** One sigmoid makes two classes. */
  readonly classes: number | undefined;
  /** Whether the input is of whole numbers, so that pixels are given as they are. */
  readonly isWhole: boolean;
}

/** @param model as it was read; `undefined` where it cannot be */
export function networkFacts(model: Model | undefined): NetworkFacts {
  const input = model === undefined ? undefined : imageInput(model);
  return {
    ...imageFacts(input),
    classes: model === undefined ? undefined : classCount(model),
    isWhole: input !== undefined && wholeRange(input.type) !== undefined,
  };
}

/** The input that the file calls an image, or the first one. */
function imageInput({ graph }: Model): ValueInfo | undefined {
  return graph.inputs.find(({ denotation }) => denotation === 'IMAGE') ?? graph.inputs[0];
}

function imageFacts(input: ValueInfo | undefined): Pick<NetworkFacts, 'channels' | 'height' | 'width'> {
  const dims = input?.shape?.map((dim) => (typeof dim === 'number' ? dim : undefined));
  const open = { channels: undefined, height: undefined, width: undefined };
  if (dims?.length === 4) {
    // A graph may leave the sides open, which the axes are not told without.
    const isLast = !isChannels(dims[1]) && isChannels(dims[3]);
    const [channels, height, width] = (isLast ? [3, 1, 2] : [1, 2, 3]).map((axis) => dims[axis]);
    return { channels: isChannels(channels) ? channels : undefined, height, width };
  }
  if (dims === undefined) return open;
  try {
    return imageAxes(dims, parseCard({}), () => {
      throw new Open();
    }).shape;
  } catch (error) {
    if (error instanceof Open) return open;
    throw error;
  }
}

/** Axes that a graph alone does not tell. */
class Open extends Error {}

function isChannels(count: number | undefined): boolean {
  return count === 1 || count === 3;
}

/** The number of classes, by the shape of the only output that can be scores. */
function classCount(model: Model): number | undefined {
  try {
    const { model: scored } = withScoresOnly(model, parseCard({}), 'model');
    const { graph } = scored;
    const [output] = graph.outputs;
    const declared = countOf(output?.shape);
    if (declared !== undefined || output === undefined) return declared;
    return countOf(GraphBuilder.from(upgrade(scored)).shape(output.name));
  } catch {
    // Why it is no classifier is told when it is loaded.
    return undefined;
  }
}

function countOf(shape: readonly Dim[] | undefined): number | undefined {
  const lengths = shape?.slice(shape.length > 1 ? 1 : 0).filter((dim) => dim !== 1);
  if (lengths === undefined || lengths.length > 1) return undefined;
  const [count = 1] = lengths;
  return typeof count === 'number' ? Math.max(2, count) : undefined;
}
