/** @file What goes wrong in the training of a generator, in words. */

import type { GanTrouble } from '@pareidolia/core';

/** What a trouble means, and what helps; sentences. */
export const GAN_TROUBLES: Readonly<Record<GanTrouble, string>> = {
  collapsed:
    'The generator has collapsed, or has hardly learned yet: its images are all but the same, whatever the latent vectors are. More --epochs, another --seed, a lower --learning-rate or --gradient-penalty 1 may help.',
  unopposed:
    'The discriminator is right about all images, so that the generator learns hardly anything of it. A lower --learning-rate or --gradient-penalty 1 may help.',
};
