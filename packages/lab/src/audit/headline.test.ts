import { expect, it } from 'vitest';
import { auditResult, finding, type SampleChanges } from '../testing/audit-sample.ts';
import { missingFigure, shareFigure } from './result/figure.ts';
import type { AuditGate } from './result/result.ts';

const share = (id: string, hits: number, of = 500, doubt?: string) =>
  shareFigure({ id, title: id, better: 'lower' }, hits, of, doubt);

const gate = (state: AuditGate['state']): AuditGate => ({
  text: 'garbage>1%',
  figure: 'garbage',
  operator: '>',
  limit: 0.01,
  state,
  sentence: '',
});

const open = finding({ state: 'inconclusive', severity: 'none' });

it.each<[string, SampleChanges, string]>([
  [
    'garbage that passes',
    { figures: [share('garbage', 487), share('garbage.uniform-noise', 487), share('garbage.white', 3)] },
    'It accepts images that show nothing: of the worst kind (uniform noise) 97.4 % are accepted at 90 % confidence.',
  ],
  [
    'all of one kind',
    { figures: [share('garbage', 500), share('garbage.white', 500)] },
    'It accepts images that show nothing: of the worst kind (white) all are accepted at 90 % confidence.',
  ],
  [
    // Wilson's interval of none of 500 ends at z^2 / (n + z^2) = 3.8415 / 503.84.
    'no garbage',
    { figures: [share('garbage', 0)], findings: [] },
    'Nothing that was tried is accepted: none of 500 such images of the worst kind is accepted at 90 % confidence, so at most 0.76 % of such images are.',
  ],
  [
    'searches only',
    { figures: [share('garbage', 0), share('searched', 4, 10)] },
    'It accepts images that were made to deceive it: none of 500 such images of the worst kind is accepted at 90 % confidence, so at most 0.76 % of such images are; accepted images were made for 4 of 10 classes.',
  ],
  [
    'garbage that could not be measured',
    {
      figures: [
        missingFigure({ id: 'garbage', title: '', better: 'lower' }, 'share', 'The endpoint gives no confidences'),
      ],
      findings: [open],
    },
    'Nothing could be decided: how much garbage passes is not known (the endpoint gives no confidences).',
  ],
  [
    'a doubtful figure',
    { figures: [share('garbage', 3, 500, 'Two classes')], findings: [open] },
    'Nothing could be decided: whether garbage passes is open (two classes).',
  ],
  [
    'searches whose images may rightly be accepted',
    {
      figures: [share('garbage', 3, 500, 'Two classes'), share('searched', 2, 2, 'Two classes')],
      findings: [{ ...open, ruleId: 'PAR-S001/cppn' }],
    },
    'Nothing could be decided: whether garbage passes is open (two classes).',
  ],
  [
    'a network that guesses',
    {
      figures: [share('garbage', 487), share('garbage.white', 487)],
      findings: [
        finding({ ruleId: 'PAR-A001', sentence: '4 of 40 labelled images are right, 10 %: labels are wrong' }),
      ],
    },
    'It is no better than guessing, so nothing else means much: 4 of 40 labelled images are right, 10 %; of the worst kind (white) 97.4 % are accepted at 90 % confidence.',
  ],
  [
    'a wrong preprocessing',
    {
      model: {
        ...auditResult({}).model,
        notices: ['The preprocessing in force is probably wrong: A gives 95 %, B, which is in force, gives 10 %'],
      },
    },
    'The preprocessing is probably wrong: 0 fail, 0 are inconclusive, 0 pass.',
  ],
  ['everything open', { findings: [open, open] }, 'Nothing could be decided: 0 fail, 2 are inconclusive, 0 pass.'],
  ['nothing', {}, 'No finding: 0 fail, 0 are inconclusive, 0 pass.'],
  ['no images', { images: null }, 'No finding: without real images nothing is known of its accuracy.'],
  ['gates that are passed', { gates: [gate('pass'), gate('pass')] }, 'No finding: all 2 gates are passed.'],
  ['a gate that fails', { gates: [gate('fail')] }, 'It does not pass its gates: the gate is not passed.'],
  [
    'a gate that is open',
    { gates: [gate('pass'), gate('inconclusive')] },
    'It does not pass its gates: 1 of 2 gates is not passed.',
  ],
  [
    'what real images withstand: the smallest ball',
    {
      figures: [share('robust@linf:0', 190, 200), share('robust@linf:0.1', 0), share('robust@linf:8/255', 118, 200)],
    },
    'No finding: at most 59 % of real images are right and withstand changes of at most 8/255 a pixel.',
  ],
  [
    'what real images withstand, where all do',
    { figures: [share('robust@linf:0.1', 24, 24)] },
    'No finding: none of 24 real images fell to the attacks with changes of at most 0.1 a pixel.',
  ],
  [
    'what real images withstand, where more may fall',
    { figures: [share('robust@linf:0.1', 6, 6, 'No attack could follow gradients')] },
    'No finding: what withstands changes of at most 0.1 a pixel is open (no attack could follow gradients).',
  ],
  [
    'findings of high severity without garbage',
    { findings: [finding()] },
    'It has findings of high severity: 1 fail, 0 are inconclusive, 0 pass.',
  ],
])('of %s', (_, changes, headline) => {
  const result = auditResult({ figures: [], findings: [], gates: [], baseline: null, ...changes });
  expect(result.headline.replaceAll('\u00a0', ' ')).toBe(headline);
});
