/** @file An audit that is compared with others. */

import type { AuditResult } from '../result/result.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';

/** An audit with what makes a comparison better. */
export interface ComparedAudit {
  readonly result: AuditResult;
  /** What stands behind the figures: {@link Audited.singles}. Without it nothing is compared in pairs. */
  readonly singles?: readonly SingleAnswers[];
  /** Where its own files are, relative to the comparison. */
  readonly folder?: string;
}

/** With a name of its own. */
export interface LabelledAudit extends ComparedAudit {
  readonly label: string;
}

/** Names each audit by its model. */
export function labelled(audits: readonly ComparedAudit[]): readonly LabelledAudit[] {
  const labels = labelsOf(audits.map(({ result }) => result.model.name));
  return audits.map((audit, place) => ({ ...audit, label: labels[place]! }));
}

/** What models are called in a comparison: by their names, numbered where two have the same. */
export function labelsOf(modelNames: readonly string[]): readonly string[] {
  const names = modelNames.map(shortOf);
  return names.map((name, place) => {
    const same = names.flatMap((other, at) => (other === name ? at : []));
    return same.length === 1 ? name : `${name} (${same.indexOf(place) + 1})`;
  });
}

/** Without the ending that all files have; of an empty name what stands for it. */
function shortOf(name: string): string {
  return name.replace(/\.onnx$/i, '') || 'model';
}
