/** @file In which order the candidates of a generation are told to a strategy. */

import { ADD_STATUS } from '../../archive/archive.ts';

/** What became of candidates: for each one its status, and by how much it beat its threshold. */
export interface Standing {
  readonly status: ArrayLike<number>;
  readonly improvement: ArrayLike<number>;
}

/** The rows, best first. */
export type Ranking = (standing: Standing) => number[];

/** By improvement over the threshold alone (CMA-MAE; Fontaine and Nikolaidis 2022, arXiv 2205.10752). */
export const byImprovement: Ranking = ({ improvement }) =>
  rows(improvement.length).sort((a, b) => improvement[b]! - improvement[a]! || a - b);

/** What filled an empty cell before what improved one before the rest, and each by improvement (CMA-ME; Fontaine et al. 2020). */
export const byStages: Ranking = ({ status, improvement }) =>
  rows(status.length).sort((a, b) => status[b]! - status[a]! || improvement[b]! - improvement[a]! || a - b);

/** How many were accepted. */
export function accepted({ status }: Pick<Standing, 'status'>): number {
  let count = 0;
  for (let row = 0; row < status.length; row++) if (status[row] !== ADD_STATUS.rejected) count++;
  return count;
}

function rows(count: number): number[] {
  return Array.from({ length: count }, (_, row) => row);
}
