import { type Answer, answerOf } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { renderScoreReport, type ScoreReportData } from './score-report.ts';
import { distribution, measure, type ScoreRun } from './score-run.ts';

const classNames = ['ant', 'bee <b>', 'cat, Felis'];

// Right and sure, wrong and sure, wrong and unsure.
const rows: readonly (readonly [label: number, scores: readonly number[]])[] = [
  [0, [0.875, 0.125, 0]],
  [2, [0, 0.75, 0.25]],
  [0, [0.25, 0.25, 0.5]],
];
const answers: readonly Answer[] = rows.map(([label, scores]) => answerOf(Float32Array.from(scores), label));

function data(kind: ScoreRun['answers'] = 'probabilities', isLabelled = true): ScoreReportData {
  const mistakes = [
    {
      name: 'x/<i>.png',
      label: 2,
      labelName: 'cat, Felis',
      prediction: 1,
      predictionName: 'bee <b>',
      confidence: 0.75,
    },
    { name: 'y.png', label: 0, labelName: 'ant', prediction: 2, predictionName: 'cat, Felis', confidence: 0.5 },
  ].map((one) => (kind === 'labels' ? { ...one, confidence: null } : one));
  const run: ScoreRun = {
    version: '1.2.3',
    runtime: 'none',
    command: 'npx pareidolia score',
    model: { name: 'net.onnx', sha256: '00', classes: 3, notices: ['It is slow'] },
    images: {
      origin: 'photos/',
      count: 3,
      labelling: isLabelled ? 'folders' : null,
      leftOut: ['1 picture cannot be read'],
      notFinite: ['z.png'],
    },
    answers: kind,
    measures: isLabelled ? measure(answers, classNames, kind, mistakes) : null,
    ...distribution(answers, classNames, kind),
    trial: {
      images: 3,
      verdict: 'inconclusive',
      p: 1,
      tried: [
        {
          title: 'range [0, 1]',
          card: {},
          isInForce: true,
          right: 1,
          accuracy: 1 / 3,
          meanLogProbability: -1,
          problem: null,
        },
        {
          title: 'range [0, 255]',
          card: {},
          isInForce: false,
          right: 0,
          accuracy: 0,
          meanLogProbability: null,
          problem: 'NaN',
        },
      ],
      sentence: 'Inconclusive: too few',
    },
    warnings: ['All is doubtful'],
  };
  const planes = new Uint8Array(4);
  const picture = { planes, shape: { channels: 1, height: 2, width: 2 } } as const;
  return { run, classNames, mistakes: isLabelled ? [picture, picture] : [] };
}

describe('the measures', () => {
  it('are those of the answers', () => {
    const { top1, top5, classes, calibration } = data().run.measures!;
    expect(top1).toMatchObject({ right: 1, of: 3 });
    expect(top5).toBeNull();
    expect(classes.map(({ recall, precision }) => [recall, precision])).toEqual([
      [0.5, 1],
      [null, 0],
      [0, 0],
    ]);
    // Each image in a bin of its own: |1 - 0.875|, |0 - 0.75|, |0 - 0.5|.
    expect(calibration!.error).toBeCloseTo((0.125 + 0.75 + 0.5) / 3, 12);
    // Squared distances to the corner of the right class.
    expect(calibration!.brier).toBeCloseTo(
      (2 * 0.125 ** 2 + (2 * 0.75 ** 2 + 0) + (0.75 ** 2 + 0.25 ** 2 + 0.5 ** 2)) / 3,
      12,
    );
    expect(calibration!.negativeLogLikelihood).toBeCloseTo(-Math.log(0.875 * 0.25 * 0.25) / 3, 12);
  });

  it('leave out what sigmoids, or labels alone, do not give', () => {
    expect(data('sigmoids').run.measures!.calibration).toMatchObject({ brier: null, negativeLogLikelihood: null });
    expect(data('labels').run).toMatchObject({ confidence: null, measures: { calibration: null, top5: null } });
  });

  it('count decisions and confidences, whatever is right', () => {
    const { predictions, confidence } = data('probabilities', false).run;
    expect(predictions.map(({ className, count }) => [className, count])).toEqual([
      ['ant', 1],
      ['bee <b>', 1],
      ['cat, Felis', 1],
    ]);
    expect(confidence!.mean).toBeCloseTo((0.875 + 0.75 + 0.5) / 3, 12);
    expect(confidence!.histogram.map((count, bin) => (count > 0 ? bin : -1)).filter((bin) => bin >= 0)).toEqual([
      10, 15, 17,
    ]);
  });
});

describe('the report', () => {
  it('shows mistakes, calibration, classes and preprocessings, and says what is doubtful', async () => {
    const page = await renderScoreReport(data());
    expect(page).toContain('<h1>33.3\u00a0% right');
    for (const text of ['All is doubtful.', '1 picture cannot be read.', 'It is slow.', 'z.png', '(in force)']) {
      expect(page).toContain(text);
    }
    expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(2);
    expect(page.match(/<figure>/g)).toHaveLength(3);
    expect(page).toContain('is cat<');
  });

  it('escapes names, and loads nothing', async () => {
    const page = await renderScoreReport(data());
    expect(page).toContain('bee &lt;b&gt;');
    expect(page).not.toContain('bee <b>');
    expect(page).not.toContain('<i>');
    expect(page.replace(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:|<link|@import|url\(|src="(?!data:)|<script/);
  });

  it('says nothing of right and wrong where no class is known, nor of confidences where there are none', async () => {
    const unlabelled = await renderScoreReport(data('probabilities', false));
    expect(unlabelled).toContain('Their right classes are not known');
    expect(unlabelled).not.toMatch(/Recall|mistakes<|Reliability/);
    const labels = await renderScoreReport(data('labels'));
    expect(labels).toContain('answers with labels alone');
    expect(labels).not.toMatch(/Reliability|mean confidence/);
    expect(await renderScoreReport(data('sigmoids'))).toContain('the largest logit');
  });
});

it('the report of a guarded model says what its detector accepts, with Wilson’s interval, and its verdict on each mistake', async () => {
  const { run, ...rest } = data();
  const [first, ...others] = run.measures!.mistakes;
  const mistakes = [{ ...first!, detected: { accepted: false, score: -1.5 } }, ...others];
  const guard = {
    detector: 'energy',
    threshold: 0.25,
    accepted: 50,
    of: 100,
    right: { accepted: 48, of: 90 },
    wrong: { accepted: 2, of: 10 },
  };
  const text = await renderScoreReport({ run: { ...run, guard, measures: { ...run.measures!, mistakes } }, ...rest });
  expect(text).toContain('What the detector accepts');
  // Wilson 1927: 50 of 100 is 40.4 % to 59.6 %.
  expect(text.replaceAll('\u00a0', ' ')).toContain('40.4 % to 59.6 %');
  expect(text).toMatch(/<b>refused<\/b>, score [-−]1\.5/);
  expect(await renderScoreReport(data())).not.toContain('What the detector accepts');
});
