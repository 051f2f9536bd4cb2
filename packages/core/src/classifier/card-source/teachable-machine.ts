/** @file The `metadata.json` of Teachable Machine. */

import type { ModelCardInput } from '../card.ts';
import { defined, jsonFields, pixels, type SidecarFormat } from './card-part.ts';
import { namesOfTable } from './class-names.ts';

export const teachableMachine: SidecarFormat = {
  name: 'the metadata of Teachable Machine',
  files: ['metadata.json'],
  reads:
    '`classNames` (labels), `height` and `width` (imageSize), `color` (grayscale); `range` [-1, 1], which it always uses',
  parse: (text) => {
    const config = jsonFields(text);
    if (config?.packageName !== '@teachablemachine/image') return undefined;
    const side = pixels(config.imageSize);
    return {
      fields: defined<ModelCardInput>({
        classNames: namesOfTable(config.labels),
        height: side,
        width: side,
        range: [-1, 1],
        color: config.grayscale === true ? 'grey' : undefined,
      }),
      notices: [],
    };
  },
};
