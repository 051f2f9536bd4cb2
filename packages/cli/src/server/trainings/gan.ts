/** @file The training of a generator against a discriminator, watched. */

import { troubleOf } from '@pareidolia/core';
import { GAN_EPOCH_LINE } from '../../gan/epoch-line.ts';
import { GAN } from '../../gan/settings.ts';
import { GAN_TROUBLES } from '../../gan/troubles.ts';
import { watched } from './kind.ts';

export const WATCHED_GAN = watched({
  job: GAN,
  line: GAN_EPOCH_LINE,
  charts: [
    {
      title: 'Losses',
      scale: 'number',
      lines: [
        { figure: 'discriminatorLoss', name: 'discriminator' },
        { figure: 'generatorLoss', name: 'generator' },
      ],
    },
    {
      title: 'The discriminator is right about',
      scale: 'share',
      lines: [
        { figure: 'realRight', name: 'real images', alone: 'right about real images' },
        { figure: 'fakeRight', name: 'generated ones', alone: 'right about generated ones' },
      ],
    },
    {
      title: 'Diversity',
      scale: 'number',
      lines: [{ figure: 'diversity', name: 'of generated over real images', alone: 'diversity' }],
    },
  ],
  trouble(lines) {
    const trouble = troubleOf(lines);
    return trouble && GAN_TROUBLES[trouble];
  },
});
