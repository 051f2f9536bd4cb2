/** @file What security people call the findings of several rules. */

import type { SecurityName } from '../result/result.ts';

const atlas = (id: string, title: string): SecurityName => ({ scheme: 'MITRE ATLAS', id, title });
const nist = (id: string, title: string): SecurityName => ({ scheme: 'NIST AI 100-2', id, title });
const INPUT_MANIPULATION: SecurityName = { scheme: 'OWASP ML', id: 'ML01:2023', title: 'Input Manipulation Attack' };
const EVADE = atlas('AML.T0015', 'Evade ML Model');
const INADEQUATE: SecurityName = {
  scheme: 'CWE',
  id: 'CWE-1039',
  title: 'Inadequate Detection or Handling of Adversarial Input Perturbations in Automated Recognition Mechanism',
};

/** Images that a classifier takes for something that they do not show. */
export const ACCEPTS_GARBAGE: readonly SecurityName[] = [EVADE, INPUT_MANIPULATION];

/** Images that were made to be taken for something. */
export const MADE_TO_BE_ACCEPTED: readonly SecurityName[] = [
  atlas('AML.T0043', 'Craft Adversarial Data'),
  EVADE,
  nist('NISTAML.022', 'Evasion'),
];

/** Refusing images that are none of the classifier's kind. */
export const DETECTS_GARBAGE: readonly SecurityName[] = [atlas('AML.M0015', 'Adversarial Input Detection'), INADEQUATE];

/** A weakness against images that are changed a little. */
export const EVASION: readonly SecurityName[] = [
  EVADE,
  atlas('AML.T0043.000', 'Craft Adversarial Data: White-Box Optimization'),
  atlas('AML.T0043.001', 'Craft Adversarial Data: Black-Box Optimization'),
  nist('NISTAML.022', 'Evasion'),
  nist('NISTAML.025', 'Black-box Evasion'),
  INPUT_MANIPULATION,
  INADEQUATE,
];

/** A weakness that somebody has put into the network. */
export const PLANTED: readonly SecurityName[] = [
  atlas('AML.T0018', 'Backdoor ML Model'),
  nist('NISTAML.023', 'Backdoor Poisoning'),
];
