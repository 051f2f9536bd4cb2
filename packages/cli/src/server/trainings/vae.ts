/** @file The training of a variational autoencoder, watched. */

import { hasCollapsed } from '@pareidolia/core';
import { VAE_EPOCH_LINE } from '../../vae/epoch-line.ts';
import { VAE } from '../../vae/settings.ts';
import { VAE_COLLAPSED } from '../../vae/troubles.ts';
import { watched } from './kind.ts';

export const WATCHED_VAE = watched({
  job: VAE,
  line: VAE_EPOCH_LINE,
  charts: [
    {
      title: 'Loss in nats an image',
      scale: 'number',
      lines: [
        { figure: 'loss', name: 'both together', alone: 'nats an image' },
        { figure: 'reconstruction', name: 'of the image' },
      ],
    },
    {
      title: 'Divergence of the latents from N(0, 1), in nats',
      scale: 'number',
      lines: [{ figure: 'divergence', name: 'an image' }],
    },
    {
      title: 'Diversity',
      scale: 'number',
      lines: [{ figure: 'diversity', name: 'of generated over real images', alone: 'diversity' }],
    },
  ],
  trouble: (lines) => (hasCollapsed(lines) ? VAE_COLLAPSED : undefined),
});
