/** @file The answer of a comparison in one sentence, for somebody who reads nothing else. */

import { formatCount } from '../../format/format.ts';
import { AREAS } from './areas.ts';
import { listed, thanOthers } from './compare-areas.ts';
import type { AuditComparison } from './comparison.ts';

/** Says which model is better in what, where that is shown; then in what no difference is; then what all of them fail. */
export function comparisonHeadline({
  models,
  areas,
  tests,
}: Pick<AuditComparison, 'models' | 'areas' | 'tests'>): string {
  const count = formatCount(models.length);
  const clauses = [...leadClauses({ models, areas }), ...openClause(areas), severeClause(models)];
  if (areas.some(({ best }) => best !== null)) return `Of ${count} models ${clauses.join('; ')}.`;
  const verdict =
    tests.count === 0
      ? `Nothing could be compared between the ${count} models`
      : tests.shown === 0
        ? `No difference is shown between the ${count} models: none of ${formatCount(tests.count)} tests is beyond chance`
        : `None of the ${count} models is shown to be better ${thanOthers(models.length)}: ${formatCount(tests.shown)} of ${formatCount(tests.count)} tests show a difference of two, and they do not agree on one model`;
  return `${verdict}; ${severeClause(models)}.`;
}

/** Of each model that is best in something what that is, in the order of the models. */
function leadClauses({ models, areas }: Pick<AuditComparison, 'models' | 'areas'>): readonly string[] {
  return models.flatMap(({ label }, place) => {
    const better = areas
      .filter(({ best }) => best === place)
      .map(({ id }) => AREAS.find((area) => area.id === id)!.better);
    return better.length === 0 ? [] : `${label} ${listed(better)} ${thanOthers(models.length)}`;
  });
}

/** What no model is best in. */
function openClause(areas: AuditComparison['areas']): readonly string[] {
  const topics = areas.filter(({ best }) => best === null).map(({ id }) => AREAS.find((area) => area.id === id)!.topic);
  return topics.length === 0 ? [] : [`none is shown to be best in ${listed(topics)}`];
}

/** Being better is not being good. */
function severeClause(models: AuditComparison['models']): string {
  const severe = models.filter(({ counts }) => counts.high > 0).length;
  if (severe === 0) return 'none has findings of high severity';
  if (severe < models.length)
    return `${formatCount(severe)} of ${formatCount(models.length)} have findings of high severity`;
  return `${models.length === 2 ? 'both' : `all ${formatCount(severe)}`} have findings of high severity`;
}
