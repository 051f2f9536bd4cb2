import type { Claim } from '../claim.ts';
import { fooledDigits } from './mnist-search.ts';

/** Nguyen et al. 2015, section 3.2: evolved CPPN images fool a LeNet. */
export const mnistCppn: Claim = {
  name: 'mnist-cppn',
  title: 'Patterns that are digits',
  claim: 'Regular patterns drawn by CPPNs fool the same network, within few generations.',
  published: '99.99 % after few generations; median 99.99 % by generation 200; strokes of the digits can be made out',
  source: 'Nguyen, Yosinski and Clune 2015, section 3.2, figure 5, read in the paper',
  run: (bench) => fooledDigits(bench, 'cppn'),
};
