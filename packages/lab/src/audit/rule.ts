import type { AuditBench } from './bench.ts';
import type { Figure } from './result/figure.ts';
import type { AuditFinding, AuditPicture, SecurityName } from './result/result.ts';

/** What rules are given: everything that was measured. */
export interface Evidence {
  /** By id. */
  readonly figures: ReadonlyMap<string, Figure>;
  readonly pictures: readonly Omit<AuditPicture, 'file'>[];
  readonly bench: Pick<AuditBench, 'budget' | 'threshold' | 'seed' | 'classifier' | 'images'>;
  /** How commands name the model; `undefined` where none can. */
  readonly modelWords?: string | undefined;
}

/** What a rule says. */
export type Judgement = Pick<AuditFinding, 'state' | 'severity' | 'sentence' | 'figures' | 'pictures'> & {
  /** What would settle it, where it is inconclusive. */
  readonly settles?: string;
  /** A command that repeats the evidence. */
  readonly command?: string;
  /** Only where a rule makes several findings: appended to its id, `PAR-G001/black`. */
  readonly part?: string;
  /** In place of the rule's title. */
  readonly title?: string;
};

/** How findings follow from figures. A new one is a file in `rules/`, a line in its registry, and a test. */
export interface AuditRule {
  /** Stable: `PAR-G001`. Letters: M model, A accuracy and calibration, G garbage, S searched, P perturbation, B planted, D defence. */
  readonly id: string;
  readonly title: string;
  /** How state and severity follow from the figures, in a sentence. */
  readonly severityRule: string;
  readonly names: readonly SecurityName[];
  /** @returns nothing where the rule does not apply: there are no figures that it is about */
  judge(evidence: Evidence): readonly Judgement[];
}
