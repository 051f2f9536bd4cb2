/** @file CMA-MAEGA: gradient arborescence against thresholds that follow slowly (Fontaine and Nikolaidis 2022, arXiv 2205.10752). */

import { requireDifferentiable } from '../class-gradient.ts';
import { LEARNING_RATE } from '../cma-es/cma-mae.ts';
import { defineEmitter } from '../kind.ts';
import { ARBORESCENCE_SETTINGS, arborescenceEmitter } from './emitter.ts';

export const cmaMaega = defineEmitter({
  name: 'cma-maega',
  summary: 'branches along the gradients of class scores, against thresholds that follow slowly',
  explanation:
    "From an image others branched off along the network's own gradients to several classes, and it moved to where these gave the network more confidence in one of them.",
  settings: ARBORESCENCE_SETTINGS.extend({ learningRate: LEARNING_RATE }),
  presets: {},
  needs: 'gradients',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    requireDifferentiable('cma-maega', encoding);
    return undefined;
  },
  batch: (_, { emitters = 10, draws = 10 }) => emitters * draws,
  create: (context, settings) =>
    arborescenceEmitter('cma-maega', context, settings, { learningRate: settings.learningRate }),
});
