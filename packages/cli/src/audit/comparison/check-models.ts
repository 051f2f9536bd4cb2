/** @file Whether all models can be audited on the same images: found out before the first one takes time. */

import { InputError } from '@pareidolia/core';
import { labelsOf } from '@pareidolia/lab';
import type { EndpointOptions } from '../../endpoint/options.ts';
import type { JobInput } from '../../job/config.ts';
import type { CardOptions } from '../../model/card-options.ts';
import { modelInputs } from '../../model/model-inputs.ts';
import { type OpenedModel, type OpenOptions, openModel } from '../../model/open-classifier.ts';
import { openOutliers, openRealImages } from '../real-images.ts';
import type { AuditSettings } from '../settings.ts';

/** What is known of the models once each was opened. */
export interface CheckedModels {
  /** As they are written down. */
  readonly paths: readonly string[];
  /** As the comparison calls them. */
  readonly labels: readonly string[];
  /** As a job notes them. */
  readonly inputs: Record<string, JobInput>;
  /** What the user should know before anything runs: each a sentence. */
  readonly notices: readonly string[];
  readonly cardOptions: CardOptions;
}

/** How an endpoint is asked, where the model is one. */
export type EndpointOf = (model: string) => EndpointOptions | undefined;

/**
 * Opens each model, and sees whether the images fit it.
 *
 * @param models files or addresses
 * @throws InputError that names the first model that cannot be audited
 */
export async function checkModels(
  models: readonly string[],
  settings: Omit<AuditSettings, 'model'>,
  seed: number,
  options: OpenOptions,
  endpointOf: EndpointOf,
): Promise<CheckedModels> {
  const paths: string[] = [];
  const names: string[] = [];
  const shapes: string[] = [];
  let inputs: Record<string, JobInput> = {};
  let cardOptions: CardOptions = {};
  for (const [place, path] of models.entries()) {
    const endpoint = endpointOf(path);
    const opened = await openModel(path, settings.card, {
      ...options,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    try {
      const { model, classifier } = opened;
      await requireFit(opened, { ...settings, model: path }, seed);
      const { channels, height, width } = classifier.shape;
      paths.push(model.path ?? path);
      names.push(model.name);
      shapes.push(`${model.name}: ${channels} x ${height} x ${width}`);
      inputs = { ...inputs, ...modelInputs(model, `model ${place + 1}`) };
      cardOptions = model.cardOptions;
    } finally {
      opened.account?.close();
      await opened.classifier.dispose();
    }
  }
  const sizes = new Set(shapes.map((shape) => shape.slice(shape.lastIndexOf(': '))));
  const notices =
    sizes.size === 1
      ? []
      : [
          `The models take images of different sizes (${shapes.join(', ')}), so each gets the pictures in its own, nothing is compared image by image, and changes to real images are not compared.`,
        ];
  return { paths, labels: labelsOf(names), inputs, notices, cardOptions };
}

async function requireFit({ model, classifier }: OpenedModel, settings: AuditSettings, seed: number): Promise<void> {
  try {
    await openRealImages(classifier, settings, seed);
    if (settings.outliers !== undefined) await openOutliers(classifier, settings.outliers, seed);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      `${model.name} cannot be compared on these images: ${error.message}, or give pictures with --images, which are resized for each model`,
      { cause: error },
    );
  }
}
