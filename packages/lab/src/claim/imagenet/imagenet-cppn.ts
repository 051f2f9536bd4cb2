import type { Claim } from '../claim.ts';
import { fooledPhotographs } from './imagenet-search.ts';

/** Nguyen et al. 2015, section 3.4: evolved CPPN images fool an ImageNet network. */
export const imagenetCppn: Claim = {
  name: 'imagenet-cppn',
  ledger: 'imagenet',
  title: 'CPPN images fool ImageNet networks',
  claim: 'CPPN images fool a network of 1000 classes of photographs for most classes; dogs and cats stay hard.',
  published: 'median 88.11 % after 5,000 generations; many at 99.99 %; dogs and cats low',
  source:
    'Nguyen, Yosinski and Clune 2015, section 3.4, figures 7 and 8, read in the paper; the classes of dogs and cats from memory',
  papers: ['nguyen2015fooled'],
  seconds: { small: 120 },
  run: (bench) => fooledPhotographs(bench, 'cppn'),
};
