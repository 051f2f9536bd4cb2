import type { Claim } from '../claim.ts';
import { fooledDigits } from './mnist-search.ts';

/** Nguyen et al. 2015, section 3.2: evolved CPPN images fool a LeNet. */
export const mnistCppn: Claim = {
  name: 'mnist-cppn',
  title: 'Patterns classified as digits',
  claim: 'Regular patterns drawn by CPPNs fool the same network within a few generations.',
  published:
    '99.99 % after a few generations; median 99.99 % by generation 200; strokes of the digits can be recognized',
  source: 'Nguyen, Yosinski and Clune 2015, section 3.2, figure 5, read in the paper',
  papers: ['nguyen2015fooled'],
  seconds: { tiny: 8, small: 80 },
  run: (bench) => fooledDigits(bench, 'cppn'),
};
