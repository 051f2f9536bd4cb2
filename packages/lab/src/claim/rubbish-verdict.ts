import { type Decision, decide, rateAbove } from '../finding/verdict.ts';

/** The confidence from which a network counts as certain. */
export const CERTAIN = 0.99;

/** The rays of one network. */
export interface RayOutcome {
  readonly name: string;
  /** Confidence at the far end of each ray. */
  readonly far: readonly number[];
}

/** The verdict on certainty far from the data: most rays of a network end at 99 %, and not by the chance of which were drawn. */
export function rayVerdict(networks: readonly RayOutcome[]): Decision {
  return decide(
    networks.map(({ name, far }) =>
      rateAbove(far.filter((value) => value >= CERTAIN).length, far.length, 0.5, `certain rays of ${name}`),
    ),
  );
}
