import type { Claim } from '../claim.ts';
import { fooledDigits } from './mnist-search.ts';

/** Nguyen et al. 2015, section 3.1: evolved pixels fool a LeNet. */
export const mnistDirect: Claim = {
  name: 'mnist-direct',
  title: 'Noise classified as digits',
  claim:
    'Evolving single pixels gives images that look like noise and that a LeNet classifies as each of the digits with certainty.',
  published: 'at least 99.99 % for every digit in fewer than 50 generations; median 99.99 % by generation 200',
  source: 'Nguyen, Yosinski and Clune 2015, section 3.1, figure 4, read in the paper',
  papers: ['nguyen2015fooled'],
  seconds: { tiny: 14, small: 61 },
  run: (bench) => fooledDigits(bench, 'direct'),
};
