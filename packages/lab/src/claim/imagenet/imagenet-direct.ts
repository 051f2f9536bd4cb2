import type { Claim } from '../claim.ts';
import { fooledPhotographs } from './imagenet-search.ts';

/** Nguyen et al. 2015, section 3.3: evolved pixels hardly fool an ImageNet network. */
export const imagenetDirect: Claim = {
  name: 'imagenet-direct',
  ledger: 'imagenet',
  title: 'Evolved pixels hardly fool ImageNet networks',
  claim:
    'Evolving single pixels, which fools networks of digits, hardly fools a network of 1000 classes of photographs.',
  published: 'median 21.59 % after 20,000 generations; 45 of 1000 classes reach 99 %',
  source: 'Nguyen, Yosinski and Clune 2015, section 3.3, read in the paper',
  papers: ['nguyen2015fooled'],
  seconds: { small: 120 },
  run: (bench) => fooledPhotographs(bench, 'direct'),
};
