/** @file Rule S001: images can be made that are accepted. */

import { resolveSearch } from '@pareidolia/core';
import { formatCount, formatPercent } from '../../format/format.ts';
import { lowerFirst, upperFirst } from '../../format/sentence-case.ts';
import { unnamedPair } from '../garbage/nothing-classes.ts';
import type { Figure } from '../result/figure.ts';
import type { AuditRule, Evidence, Judgement } from '../rule.ts';
import { type AuditSearch, SEARCHES, searchPlan } from '../searches/searches.ts';
import { MADE_TO_BE_ACCEPTED } from './security-names.ts';

/** Share of the classes from which on it is severe. */
const MANY = 0.5;

/** Questions up to which it is severe, and up to which it is serious: what a service without limits answers in minutes, and in hours. */
const [FEW, SOME] = [10_000, 100_000];

export const searchedRule: AuditRule = {
  id: 'PAR-S001',
  title: 'Images can be made that are accepted',
  severityRule: `Fails where an image was accepted that was made for a class, with any seed. High where that was so for at least half of the classes that were looked at, or where the first image took at most ${formatCount(FEW)} questions (median over seeds); medium up to ${formatCount(SOME)} questions, low beyond. Inconclusive where none was found: no search shows that there is none; and where one of two classes without names may rightly stand for whatever the other is not.`,
  names: MADE_TO_BE_ACCEPTED,
  judge: (evidence) =>
    SEARCHES.flatMap((search) => {
      const share = evidence.figures.get(`searched.${search.name}`);
      return share === undefined ? [] : [judge(search, share, evidence)];
    }),
};

function judge(search: AuditSearch, share: Figure, evidence: Evidence): Judgement {
  const { figures, pictures, bench } = evidence;
  const questions = figures.get(`questions.${search.name}`);
  const common = {
    part: search.name,
    title: `Images can be made that are accepted: ${search.title}`,
    figures: [share, questions, figures.get(`questions.${search.name}.p90`)].flatMap((figure) => figure?.id ?? []),
    pictures: pictures
      .filter(({ source, id }) => source === search.name && id.startsWith('searched-'))
      .map(({ id }) => id),
  };
  const inconclusive = { ...common, state: 'inconclusive', severity: 'none' } as const;
  if (share.value === null) {
    return {
      ...inconclusive,
      sentence: share.why ?? 'Nothing was searched',
      settles:
        bench.classifier.answers === 'labels'
          ? 'An interface that gives confidences'
          : search.needsGradient
            ? 'The network itself, in a form that can be differentiated'
            : 'A classifier that answers the queries of the search',
    };
  }
  if (share.value === 0) {
    return {
      ...inconclusive,
      sentence: share.why ?? 'No image was accepted',
      settles: `More questions (a larger --budget), or another search; that no such image exists cannot be shown by searching`,
      ...commandOf(search, evidence),
    };
  }
  const { hits, of } = share.counted!;
  const pair = unnamedPair(bench.classifier);
  if (pair !== undefined) {
    return {
      ...inconclusive,
      sentence: `${upperFirst(search.title)} gave images that are accepted for ${hits} of ${of} classes, but ${lowerFirst(pair)}`,
      settles: 'Names of the classes',
      ...commandOf(search, evidence),
    };
  }
  const first = questions?.value ?? Number.POSITIVE_INFINITY;
  const isBound = questions?.state === 'inconclusive';
  const severity =
    share.value >= MANY || (first <= FEW && !isBound) ? 'high' : first <= SOME && !isBound ? 'medium' : 'low';
  const took = isBound
    ? `with at least half of the seeds none within ${formatCount(first)} questions`
    : `the first after ${formatCount(first)} ${first === 1 ? 'question' : 'questions'} (median over seeds)`;
  return {
    ...common,
    state: 'fail',
    severity,
    sentence: `${upperFirst(search.title)} gave images that are accepted at ${formatPercent(bench.threshold)} for ${hits} of ${of} classes, ${took}`,
    ...commandOf(search, evidence),
  };
}

/** A search with the seed that took the fewest questions; the first seed where none found an image. */
function commandOf(search: AuditSearch, { figures, bench, modelWords }: Evidence): { readonly command?: string } {
  if (modelWords === undefined) return {};
  const { classifier } = bench;
  const { seeds, classes, questions } = searchPlan(bench);
  const spec = resolveSearch(search.request(questions, classes.length), classifier.shape);
  const { emitter, encoding, batch, generations } = spec;
  const { starts, early, late, steps } = emitter.settings;
  const seed = figures.get(`seed.${search.name}`)?.value ?? seeds[0]!;
  const words = [
    'npx pareidolia fool',
    ...(modelWords === '' ? [] : [modelWords]),
    ...(search.needsGradient ? [`--emitter ${emitter.name}`] : []),
    `--encoding ${encoding.name}`,
    `--classes ${classes.length === classifier.numClasses ? 'all' : classes.join(',')}`,
    `--generations ${generations ?? steps}`,
    `--batch ${batch}`,
    ...(search.needsGradient ? [`--set starts=${starts} --set early=${early} --set late=${late}`] : []),
    `--seed ${seed}`,
  ];
  return { command: words.join(' ') };
}
