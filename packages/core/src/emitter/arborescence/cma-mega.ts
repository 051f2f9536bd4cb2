/** @file CMA-MEGA: gradient arborescence for one class after another (Fontaine and Nikolaidis 2021, arXiv 2106.03894). */

import { requireDifferentiable } from '../class-gradient.ts';
import { defineEmitter } from '../kind.ts';
import { ARBORESCENCE_SETTINGS, arborescenceEmitter } from './emitter.ts';

export const cmaMega = defineEmitter({
  name: 'cma-mega',
  summary: 'branches along the gradients of class scores, with coefficients that CMA-ES adapts',
  explanation:
    "From an image others branched off along the network's own gradients to several classes, and it moved to where these gave the network more confidence in one of them.",
  settings: ARBORESCENCE_SETTINGS,
  presets: {},
  needs: 'gradients',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    requireDifferentiable('cma-mega', encoding);
    return undefined;
  },
  batch: (_, { emitters = 10, draws = 10 }) => emitters * draws,
  create: (context, settings) => arborescenceEmitter('cma-mega', context, settings, 'stages'),
});
