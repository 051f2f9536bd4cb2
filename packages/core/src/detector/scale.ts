import { shapedActivations } from './shaped-activations.ts';

/** SCALE (Xu et al. 2024): the scaling of ASH-S, by the largest 15 % of the features, without setting any of them to 0. */
export const scale = shapedActivations({ name: 'scale', title: 'SCALE', paper: 'Xu et al. 2024' }, 85, false);
