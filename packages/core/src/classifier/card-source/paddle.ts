/** @file The `inference.yml` of PaddleClas and PaddleX. */

import { parse } from 'yaml';
import type { ModelCardInput } from '../card.ts';
import { defined, type Fields, isFields, perChannel, pixels, type SidecarFormat } from './card-part.ts';
import { namesOfTable } from './class-names.ts';

export const paddle: SidecarFormat = {
  name: 'the configuration of PaddleClas and PaddleX',
  files: ['inference.yml', 'inference.yaml'],
  reads:
    '`range` (scale), `mean`, `deviation` (std) of `NormalizeImage`; `resize`, `height` and `width` of `ResizeImage` and `CropImage`; `classNames` of `PostProcess.Topk.label_list`',
  parse: (text) => {
    const config: unknown = parse(text, { maxAliasCount: 100 });
    if (!isFields(config) || !isFields(config.PreProcess) || !Array.isArray(config.PreProcess.transform_ops)) {
      return undefined;
    }
    // Each is an object of one field, the name of the operation.
    const operations = new Map(
      config.PreProcess.transform_ops.flatMap((each: unknown) => (isFields(each) ? Object.entries(each) : [])),
    );
    const part = (name: string): Fields | undefined => {
      const operation = operations.get(name);
      return isFields(operation) ? operation : undefined;
    };
    const topk = isFields(config.PostProcess) && isFields(config.PostProcess.Topk) ? config.PostProcess.Topk : {};
    const values = normalization(part('NormalizeImage'));
    return {
      fields: defined<ModelCardInput>({
        ...values,
        ...resizing(part('ResizeImage'), part('CropImage')),
        classNames: namesOfTable(topk.label_list),
      }),
      notices:
        operations.has('NormalizeImage') && values === undefined
          ? ['scale, mean and std of NormalizeImage are not all numbers']
          : [],
    };
  },
};

function normalization(operation: Fields | undefined): ModelCardInput | undefined {
  if (operation === undefined) return undefined;
  const scale = fraction(operation.scale ?? 1 / 255);
  const [mean, deviation] = [perChannel(operation.mean), perChannel(operation.std)];
  if (scale === undefined || mean === undefined || deviation === undefined) return undefined;
  const high = 255 * scale;
  return { range: [0, Math.abs(high - 1) < 1e-5 ? 1 : high], mean, deviation };
}

/** A number, or a quotient of two (`1.0/255.0`), which Paddle has Python evaluate. */
function fraction(value: unknown): number | undefined {
  const [, above, below = '1'] = /^\s*([\d.]+)\s*(?:\/\s*([\d.]+))?\s*$/.exec(String(value)) ?? [];
  const quotient = typeof value === 'number' ? value : Number(above) / Number(below);
  return Number.isFinite(quotient) && quotient > 0 ? quotient : undefined;
}

function resizing(resize: Fields | undefined, crop: Fields | undefined): ModelCardInput {
  const [height, width = height] = [crop?.size ?? resize?.size].flat().map(pixels);
  const shorterSide = pixels(resize?.resize_short);
  const mode = shorterSide === undefined ? (resize?.size === undefined ? undefined : 'squash') : 'crop';
  return defined<ModelCardInput>({
    height,
    width,
    resize: mode === undefined ? undefined : { mode, ...(shorterSide === undefined ? {} : { shorterSide }) },
  });
}
