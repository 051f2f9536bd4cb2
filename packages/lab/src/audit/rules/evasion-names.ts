/** @file What security people call findings, as their catalogues have it. */

import type { SecurityName } from '../result/result.ts';

const atlas = (id: string, title: string): SecurityName => ({ scheme: 'MITRE ATLAS', id, title });
const nist = (id: string, title: string): SecurityName => ({ scheme: 'NIST AI 100-2', id, title });

/** A weakness against inputs that are changed a little. */
export const EVASION: readonly SecurityName[] = [
  atlas('AML.T0015', 'Evade ML Model'),
  atlas('AML.T0043.000', 'Craft Adversarial Data: White-Box Optimization'),
  atlas('AML.T0043.001', 'Craft Adversarial Data: Black-Box Optimization'),
  nist('NISTAML.022', 'Evasion'),
  nist('NISTAML.025', 'Black-box Evasion'),
  { scheme: 'OWASP ML', id: 'ML01:2023', title: 'Input Manipulation Attack' },
  {
    scheme: 'CWE',
    id: 'CWE-1039',
    title: 'Inadequate Detection or Handling of Adversarial Input Perturbations in Automated Recognition Mechanism',
  },
];
