/** @file The kinds of training of a generator that the studio shows. Another one is a file, and a line here. */

import { WATCHED_GAN } from './gan.ts';
import type { WatchedKind } from './kind.ts';
import { WATCHED_VAE } from './vae.ts';

export const WATCHED_KINDS: readonly WatchedKind[] = [WATCHED_GAN, WATCHED_VAE];
