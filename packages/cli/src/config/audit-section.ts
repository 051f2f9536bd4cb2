/** @file The section `audit` of a configuration file: the options of an audit, kept beside the code. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAddress } from '../endpoint/address.ts';
import { isEmbeddedName } from '../model/embedded.ts';
import { embeddedWord } from '../model/embedded-word.ts';

const path = z.string().min(1);

export const AUDIT_SECTION = z
  .strictObject({
    model: z
      .union([path, z.array(path).min(1)])
      .describe('An ONNX file or the address of an endpoint; several are compared.'),
    card: path.describe('The model card.'),
    images: path.describe('A folder of real pictures.'),
    data: path.describe('A dataset: digits, things, mnist, fashion-mnist, cifar10, or a folder.'),
    labels: path.describe('The right class of each picture, lines of file,class.'),
    limit: z.int().min(1).describe('Only the first so many images.'),
    strict: z.boolean().describe('End at a picture that cannot be read.'),
    outliers: path.describe('A folder of pictures of other things, or a dataset.'),
    discriminator: path.describe('An ONNX file that says how real an image is, compared with the detectors.'),
    discriminatorRange: z
      .tuple([z.number(), z.number()])
      .describe('What black and white are for the discriminator, such as [-1, 1].'),
    threshold: z.number().gt(0).max(1).describe('An image is accepted where its largest confidence is at least this.'),
    budget: z.enum(['quick', 'standard', 'thorough']).describe('How much work is done.'),
    failOn: z
      .union([z.string(), z.array(z.string()).min(1)])
      .describe('Gates, such as garbage>1% and robust@8/255<40%.'),
    baseline: path.describe(
      'The audit.json of an earlier audit, of several models the comparison.json: only what became worse fails.',
    ),
    sarif: path.describe('Where the SARIF file goes.'),
    junit: path.describe('Where the JUnit file goes.'),
    out: path.describe('The folder of the results.'),
    seed: z.int().min(0).describe('The same seed gives the same result.'),
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']).describe('Where the network runs.'),
    threads: z.int().min(1).max(512).describe('Threads that compute.'),
    maxQueries: z.int().min(1).describe('Images that an endpoint is asked about, at most.'),
  })
  .partial();

/** The options of an audit in a configuration file. */
export type AuditConfig = z.output<typeof AUDIT_SECTION>;

/** Makes paths, which are relative to the folder of the file, relative to the current one. */
export function auditRelativeTo(folder: string, { model, data, outliers, ...config }: AuditConfig): AuditConfig {
  if (folder === '.') return { ...config, ...optional({ model, data, outliers }) };
  const place = (own: string): string => (isAddress(own) ? own : join(folder, own));
  const named = (own: string): string => (existsSync(join(folder, own)) ? join(folder, own) : own);
  const network = (own: string): string => (isEmbeddedName(own) ? embeddedWord(own, folder) : place(own));
  const { card, images, labels, discriminator, baseline, sarif, junit, out, ...rest } = config;
  const paths = { card, images, labels, discriminator, baseline, sarif, junit, out };
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(paths).map(([name, own]) => [name, own === undefined ? own : place(own)])),
    ...optional({
      model: Array.isArray(model) ? model.map(network) : model === undefined ? undefined : network(model),
      data: data === undefined ? undefined : named(data),
      outliers: outliers === undefined ? undefined : named(outliers),
    }),
  };
}

function optional<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
