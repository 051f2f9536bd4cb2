/** @file All figures of a comparison as a table for spreadsheets. */

import { csvLines, csvNumber, csvText } from '../outputs/csv-cells.ts';
import { winnerOf } from './compare-figures.ts';
import type { AuditComparison } from './comparison.ts';

const HEAD = [
  ...['id', 'title', 'unit', 'better', 'model', 'value', 'low', 'high', 'hits', 'of', 'state', 'why'],
  ...['better than', 'best'],
];

/**
 * RFC 4180: a line for each figure and model that has it; shares and probabilities in [0, 1], all digits. `better than` names the
 * models that this one is shown to be better than, by the first lines' order and separated by semicolons.
 */
export function comparisonCsv({ models, figures }: Pick<AuditComparison, 'models' | 'figures'>): string {
  const lines = figures.flatMap(({ id, unit, better, values, pairs, best }) =>
    values.flatMap((value, place) => {
      if (value === null) return [];
      const beaten = pairs
        .filter((pair) => winnerOf(pair) === place)
        .map(({ first, second }) => models[first === place ? second : first]!.label);
      return [
        [
          csvText(id),
          csvText(value.title),
          unit,
          better ?? '',
          csvText(models[place]!.label),
          csvNumber(value.value),
          csvNumber(value.interval?.[0]),
          csvNumber(value.interval?.[1]),
          csvNumber(value.counted?.hits),
          csvNumber(value.counted?.of),
          value.state,
          csvText(value.why ?? ''),
          csvText(beaten.join('; ')),
          best === place ? 'yes' : '',
        ],
      ];
    }),
  );
  return csvLines([HEAD, ...lines]);
}
