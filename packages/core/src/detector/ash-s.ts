import { shapedActivations } from './shaped-activations.ts';

/**
 * Activation shaping (Djurisic et al. 2023), the variant S: of the penultimate features all but the largest tenth are set to 0, the
 * others scaled by `exp(s1 / s2)` of the sums before and after; then the energy.
 */
export const ashS = shapedActivations({ name: 'ash-s', title: 'ASH-S', paper: 'Djurisic et al. 2023' }, 90, true);
