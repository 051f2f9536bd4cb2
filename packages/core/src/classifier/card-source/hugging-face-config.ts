/** @file The `config.json` of Hugging Face's transformers. */

import type { ModelCardInput } from '../card.ts';
import { defined, isFields, jsonFields, pixels, type SidecarFormat } from './card-part.ts';
import { arePlaceholders, namesOfTable } from './class-names.ts';

export const huggingFaceConfig: SidecarFormat = {
  name: 'the configuration of a network of Hugging Face',
  files: ['config.json'],
  reads:
    '`classNames` of `id2label` (unless they only count), `height` and `width` of `image_size`, `color` grey of `num_channels` 1',
  parse: (text) => {
    const config = jsonFields(text);
    if (config === undefined || !('id2label' in config || 'image_size' in config || 'num_channels' in config)) {
      return undefined;
    }
    const { id2label, image_size: size, num_channels: channels } = config;
    const names = isFields(id2label) ? namesOfTable(id2label) : undefined;
    const [height, width = height] = [size].flat().map(pixels);
    return {
      fields: defined<ModelCardInput>({
        classNames: names === undefined || arePlaceholders(names) ? undefined : names,
        height,
        width,
        color: channels === 1 ? 'grey' : undefined,
      }),
      notices:
        id2label !== undefined && names === undefined && Object.keys(Object(id2label)).length > 1
          ? ['id2label is no table of names by number from 0']
          : [],
    };
  },
};
