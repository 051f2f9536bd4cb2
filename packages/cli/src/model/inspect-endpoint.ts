/** @file Describes an endpoint: what it says of its model, and what came for probe images. */

import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { Inspection, InspectRequest } from './inspect.ts';
import { openModel } from './open-classifier.ts';

/** The object of `--json`, where the model is an endpoint. */
export interface EndpointInspection {
  /** The address without secrets. */
  readonly endpoint: string;
  /** Of the address and what the server says of its model. */
  readonly sha256: string;
  readonly classifier: Pick<NonNullable<Inspection['classifier']>, 'image' | 'classes' | 'scores' | 'notices'> & {
    readonly classNames: readonly string[];
    /** What comes back: scores of classes, or the label alone. */
    readonly answers: 'scores' | 'labels';
  };
  readonly card: { readonly origin: string };
  /** What was asked for this: a sentence. */
  readonly asked: string;
}

/** @throws InputError where the server cannot be reached, refuses, or is no classifier of images */
export async function inspectEndpoint({
  model,
  card,
  device,
  threads,
  endpoint,
}: InspectRequest): Promise<EndpointInspection> {
  const opened = await openModel(model, card, {
    runtime: nodeRuntime(),
    device,
    threads,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const { classifier, account } = opened;
  const { shape, numClasses, classNames, answers = 'scores', reading, notices, where } = classifier;
  const { channels, height, width } = shape;
  return {
    endpoint: where,
    sha256: opened.model.sha256,
    classifier: {
      image: { channels, height, width },
      classes: numClasses,
      classNames,
      answers,
      scores: { kind: reading.kind, from: reading.from, why: reading.why, logits: null },
      // The reading stands by itself.
      notices: notices.filter((notice) => notice !== `${where}: ${reading.why}`),
    },
    card: { origin: opened.model.origin },
    asked: `${account!.sentence()}; ${account!.sitting()}`,
  };
}
