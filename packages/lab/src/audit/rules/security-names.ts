/** @file What security people call the findings of several rules. */

import type { SecurityName } from '../result/result.ts';

/** Images that a classifier takes for something that they do not show. */
export const ACCEPTS_GARBAGE: readonly SecurityName[] = [
  { scheme: 'MITRE ATLAS', id: 'AML.T0015', title: 'Evade ML Model' },
  { scheme: 'OWASP ML', id: 'ML01:2023', title: 'Input Manipulation Attack' },
];

/** Refusing images that are none of the classifier's kind. */
export const DETECTS_GARBAGE: readonly SecurityName[] = [
  { scheme: 'MITRE ATLAS', id: 'AML.M0015', title: 'Adversarial Input Detection' },
  {
    scheme: 'CWE',
    id: 'CWE-1039',
    title: 'Inadequate Detection or Handling of Adversarial Input Perturbations in Automated Recognition Mechanism',
  },
];
