/** @file Results of audits for tests: one as it looks in practice, and one with the worst that data can hold. */

import type { ImageShape } from '@pareidolia/core';
import type { Audited } from '../audit/audit.ts';
import { compareWithBaseline } from '../audit/baseline/baseline.ts';
import { countFindings } from '../audit/gates/finding-counts.ts';
import { judgeGate, parseGates } from '../audit/gates/gate.ts';
import { headlineOf } from '../audit/headline.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../audit/result/figure.ts';
import {
  AUDIT_RESULT,
  type AuditFinding,
  type AuditPicture,
  type AuditResult,
  type AuditSection,
} from '../audit/result/result.ts';

const SHAPE: ImageShape = { channels: 1, height: 28, width: 28 };

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Parts of a result that a test may set. */
export type SampleChanges = Partial<Omit<AuditResult, 'headline'>>;

/** A result that went through the schema, with the headline that follows from it. */
export function auditResult(changes: SampleChanges = {}): AuditResult {
  const whole = { ...BASE, ...changes };
  return AUDIT_RESULT.parse({ ...whole, headline: headlineOf(whole) });
}

/** The audit of a digit network that fails in every way, with its pictures. */
export function auditSample(changes: SampleChanges = {}): Audited {
  const result = auditResult(changes);
  return {
    result,
    pictures: new Map(result.pictures.map(({ id, source }, k) => [id, { shape: SHAPE, planes: picture(source, k) }])),
  };
}

/** The same without a finding, a gate, a picture or an image. */
export function emptySample(): Audited {
  const nothing = { figures: [], findings: [], gates: [], sections: [], pictures: [], limits: [] };
  return { result: auditResult({ ...nothing, images: null, outliers: null, baseline: null }), pictures: new Map() };
}

/** Text that breaks whatever does not escape it. */
export const NASTY = `=cmd|' /C calc'!A0 "><script>alert(1)</script> ]]> &amp; {0} [x](javascript:alert(1)) | \`a\` @someone #1 \u001b[31m\u0000\u202e${'\ud800'}\n\t~~~ <!-- --`;

/** Every text of the sample is {@link NASTY} or very long; of a thousand classes, with as many findings and figures. */
export function nastySample(): Audited {
  const long = `${NASTY}${'class name '.repeat(200)}`;
  const base = auditSample().result;
  const figures = Array.from({ length: 1000 }, (_, k) =>
    shareFigure({ id: `garbage.class-${k}`, title: k % 2 === 0 ? NASTY : long, better: 'lower' }, k, 1000),
  );
  const states = ['fail', 'inconclusive', 'pass'] as const;
  const severities = ['high', 'medium', 'low'] as const;
  const findings = Array.from({ length: 1000 }, (_, k): AuditFinding => {
    const state = states[k % 3]!;
    return finding({
      ruleId: `PAR-G001/${NASTY.slice(0, 60)}${k}`,
      title: NASTY,
      state,
      severity: state === 'fail' ? severities[k % 7 === 0 ? 0 : 1]! : 'none',
      sentence: long,
      severityRule: NASTY,
      settles: state === 'inconclusive' ? NASTY : null,
      figures: [figures[k]!.id, 'missing'],
      pictures: [base.pictures[k % base.pictures.length]!.id, 'missing'],
      command: NASTY,
      names: Array.from({ length: 30 }, (__, at) => ({ scheme: 'CWE' as const, id: `${NASTY}${at}`, title: NASTY })),
    });
  });
  const pictures = base.pictures.map((each) => ({ ...each, className: long, caption: NASTY, source: NASTY }));
  const section: AuditSection = {
    id: NASTY,
    title: NASTY,
    text: [NASTY, long],
    figures: figures.slice(0, 50).map(({ id }) => id),
    tables: [{ title: NASTY, caption: NASTY, head: [NASTY, NASTY], rows: [[NASTY, long]] }],
    charts: [],
    pictures: pictures.map(({ id }) => id),
  };
  const gates = base.gates.map((each) => ({ ...each, text: NASTY, sentence: long }));
  const model = { ...base.model, name: `../${NASTY}.onnx`, classes: 1000, notices: [NASTY] };
  const result = auditResult({
    figures,
    findings,
    gates,
    pictures,
    sections: [section],
    model: { ...model, facts: [{ name: NASTY, value: long }] },
    limits: [NASTY, long],
    command: NASTY,
    baseline: {
      name: NASTY,
      changes: figures.map(({ id, value }) => ({
        figure: id,
        before: 0,
        now: value,
        verdict: 'worse' as const,
        sentence: NASTY,
      })),
    },
  });
  return { result, pictures: auditSample().pictures };
}

/** A finding that fails, unless told otherwise. */
export function finding(changes: Partial<AuditFinding> = {}): AuditFinding {
  return {
    ruleId: 'PAR-G001',
    title: 'Garbage is accepted',
    state: 'fail',
    severity: 'high',
    sentence: '487 of 500 images of uniform noise are accepted at 90 %',
    severityRule: 'High where more than 10 % of a source are accepted, by the lower end of the 95 % interval.',
    settles: null,
    figures: ['garbage'],
    pictures: [],
    command: null,
    names: [{ scheme: 'MITRE ATLAS', id: 'AML.T0015', title: 'Evade ML Model' }],
    ...changes,
  };
}

const SOURCES = [
  ['uniform-noise', 'uniform noise', 487],
  ['gratings', 'gratings', 303],
  ['shuffled', 'shuffled real images', 122],
  ['flat', 'flat colors', 3],
] as const;

const SEARCHES = [
  ['evolved', 'evolved images', 10, 412, 1320],
  ['gradient-ascent', 'gradient ascent', 10, 38, 61],
] as const;

const FIGURES: readonly Figure[] = [
  shareFigure({ id: 'accuracy', title: 'Accuracy', better: 'higher' }, 1982, 2000),
  numberFigure(
    { id: 'calibration-error', title: 'Expected calibration error', better: 'lower' },
    'probability',
    0.0131,
    {
      interval: [0.0094, 0.0172],
    },
  ),
  shareFigure({ id: 'garbage', title: 'Garbage accepted, worst source', better: 'lower' }, 487, 500),
  ...SOURCES.map(([id, title, hits]) =>
    shareFigure({ id: `garbage.${id}`, title: `Accepted of ${title}`, better: 'lower' }, hits, 500),
  ),
  numberFigure(
    { id: 'garbage.uniform-noise.mean', title: 'Mean confidence in uniform noise', better: 'lower' },
    'probability',
    0.98123,
    { interval: [0.972, 0.988] },
  ),
  shareFigure({ id: 'searched', title: 'Classes with an image made for them, best search', better: 'lower' }, 10, 10),
  ...SEARCHES.flatMap(([id, title, hits, median, p90]) => [
    shareFigure({ id: `searched.${id}`, title: `Classes fooled by ${title}`, better: 'lower' }, hits, 10),
    numberFigure(
      { id: `questions.${id}`, title: `Questions until ${title} are accepted`, better: 'higher' },
      'queries',
      median,
      { interval: [Math.round(median * 0.7), Math.round(median * 1.4)] },
    ),
    numberFigure({ id: `questions.${id}.p90`, title: `The same, 90 % of seeds`, better: 'higher' }, 'queries', p90),
  ]),
  shareFigure({ id: 'robust@linf:0', title: 'Right as they are', better: 'higher' }, 197, 200),
  shareFigure({ id: 'robust@linf:8/255', title: 'Right within L∞ 8/255', better: 'higher' }, 118, 200),
  shareFigure({ id: 'robust@linf:0.1', title: 'Right within L∞ 0.1', better: 'higher' }, 2, 200),
  numberFigure({ id: 'distance.linf', title: 'Median smallest change, L∞', better: 'higher' }, 'distance', 0.0352, {
    interval: [0.0327, 0.0391],
  }),
  numberFigure(
    { id: 'threshold.95', title: 'Threshold that keeps 95 % of real images', better: null },
    'probability',
    0.9731,
  ),
  shareFigure({ id: 'refused', title: 'Real images refused at the threshold', better: 'lower' }, 31, 2000),
  shareFigure({ id: 'stopped.uniform-noise', title: 'Uniform noise stopped by it', better: 'higher' }, 41, 500),
  shareFigure(
    { id: 'gradient.zero', title: 'Images whose gradient is zero', better: 'lower' },
    12,
    200,
    'Single precision ends where the network is certain',
  ),
  missingFigure(
    { id: 'auroc.outliers', title: 'AUROC against other images', better: 'higher' },
    'probability',
    'No --outliers were given',
  ),
];

const PICTURES: readonly AuditPicture[] = [
  ...SOURCES.slice(0, 3).flatMap(([id, title], at) =>
    Array.from({ length: at === 0 ? 8 : 4 }, (_, k) => pictureOf(`garbage-${id}-${k}`, title, at, k)),
  ),
  ...SEARCHES.flatMap(([id, title], at) =>
    Array.from({ length: 8 }, (_, k) => pictureOf(`searched-${id}-${k}`, title, at, k)),
  ),
];

function pictureOf(id: string, source: string, at: number, k: number): AuditPicture {
  const classIndex = id.startsWith('searched') ? k : [8, 2, 3, 5][(at + k) % 4]!;
  return {
    id,
    file: `pictures/${id}.png`,
    source,
    caption: id.startsWith('searched') ? `made for ${DIGITS[classIndex]}` : source,
    classIndex,
    className: DIGITS[classIndex]!,
    confidence: k === 7 ? 0.71 : 1 - 0.04 / (1 + k * k + at),
  };
}

const some = (prefix: string): readonly string[] =>
  PICTURES.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id);

const FINDINGS: readonly AuditFinding[] = [
  finding({
    ruleId: 'PAR-G001/uniform-noise',
    title: 'Noise is accepted',
    sentence: '487 of 500 images of uniform noise are accepted at 90 % (97.4 %, 95 % interval 95.6 % to 98.5 %)',
    figures: ['garbage.uniform-noise', 'garbage.uniform-noise.mean'],
    pictures: some('garbage-uniform'),
    command: 'npx pareidolia score digits.onnx --noise uniform --count 500 --seed 1',
  }),
  finding({
    ruleId: 'PAR-S001',
    title: 'Images can be made for every class',
    sentence:
      'For 10 of 10 classes an image that shows nothing was made that is accepted at 90 %, after 412 questions in the median',
    severityRule: 'High where more than half of the classes are fooled; medium below.',
    figures: ['searched', 'searched.evolved', 'questions.evolved', 'questions.evolved.p90'],
    pictures: some('searched-evolved'),
    command: 'npx pareidolia fool digits.onnx --seed 1 --out runs/fool',
    names: [
      { scheme: 'MITRE ATLAS', id: 'AML.T0043.001', title: 'Craft Adversarial Data: Black-Box Optimization' },
      { scheme: 'NIST AI 100-2', id: 'NISTAML.025', title: 'Black-box Evasion' },
    ],
  }),
  finding({
    ruleId: 'PAR-P001',
    title: 'Small changes turn the answer',
    severity: 'medium',
    sentence:
      'At most 59 % of the images stay right when every pixel may change by 8/255; the median image needs 0.0352',
    severityRule: 'Medium where less than 80 % stay right within L∞ 8/255; high where less than 40 % do.',
    figures: ['robust@linf:8/255', 'robust@linf:0.1', 'distance.linf'],
    names: [
      { scheme: 'CWE', id: 'CWE-1039', title: 'Inadequate Detection or Handling of Adversarial Input Perturbations' },
    ],
  }),
  finding({
    ruleId: 'PAR-D002',
    title: 'A threshold does not stop noise',
    severity: 'low',
    sentence: 'The threshold that keeps 95 % of the real images stops 8.2 % of uniform noise',
    severityRule: 'Low where the threshold stops less than half of a source.',
    figures: ['threshold.95', 'stopped.uniform-noise', 'refused'],
    names: [],
  }),
  finding({
    ruleId: 'PAR-M002',
    title: 'Gradients vanish',
    state: 'inconclusive',
    severity: 'none',
    sentence: '12 of 200 images have a gradient of zero, so attacks that need one may see less than there is',
    severityRule: 'Inconclusive where some gradients are zero, fails where more than half are.',
    settles: 'an attack without gradients: --budget thorough runs square on all images',
    figures: ['gradient.zero'],
    names: [],
  }),
  finding({
    ruleId: 'PAR-D001',
    title: 'Other images are told apart',
    state: 'inconclusive',
    severity: 'none',
    sentence: 'Whether images of other things are told apart was not measured',
    severityRule: 'Fails where AUROC is below 0.8, by the upper end of the interval.',
    settles: 'images of other things: --outliers folder/',
    figures: ['auroc.outliers'],
    names: [],
  }),
  finding({
    ruleId: 'PAR-A001',
    title: 'Accuracy is as expected',
    state: 'pass',
    severity: 'none',
    sentence: '1,982 of 2,000 labelled images are right (99.1 %)',
    severityRule: 'Fails where accuracy is below 50 %, by the upper end of the interval.',
    figures: ['accuracy'],
    names: [],
  }),
  finding({
    ruleId: 'PAR-G001/flat',
    title: 'Flat images are refused',
    state: 'pass',
    severity: 'none',
    sentence: '3 of 500 flat images are accepted at 90 %',
    figures: ['garbage.flat'],
    names: [],
  }),
];

const SECTIONS: readonly AuditSection[] = [
  {
    id: 'garbage',
    title: 'Images that show nothing',
    text: [
      'Each source makes images that show nothing; none was searched for. An image is accepted where the largest confidence is at least the threshold.',
    ],
    figures: SOURCES.map(([id]) => `garbage.${id}`),
    tables: [
      {
        title: 'What garbage is taken for',
        caption: 'Most frequent answers to each source',
        head: ['source', 'images', 'accepted', 'most frequent answer'],
        rows: SOURCES.map(([, title, hits], k) => [title, '500', `${hits / 5} %`, DIGITS[[8, 2, 3, 5][k]!]!]),
      },
    ],
    charts: [
      {
        title: 'Accepted at each threshold',
        caption: 'Share of the images of a source whose confidence is at least the threshold',
        spec: {
          data: {
            values: SOURCES.flatMap(([, series, hits]) =>
              Array.from({ length: 21 }, (_, k) => ({ x: k / 20, series, y: Math.min(1, (hits / 500) ** (k / 18)) })),
            ),
          },
          mark: 'line',
          encoding: {
            x: { field: 'x', type: 'quantitative', title: 'threshold', axis: { format: '.0%' } },
            y: { field: 'y', type: 'quantitative', title: null, axis: { format: '.0%' } },
            color: { field: 'series', type: 'nominal', title: null },
          },
        },
      },
    ],
    pictures: some('garbage'),
  },
  {
    id: 'searched',
    title: 'Images made to be accepted',
    text: [
      'Two searches, one that only sees confidences and one that sees gradients, look for an image for each class.',
    ],
    figures: ['searched.evolved', 'searched.gradient-ascent', 'questions.evolved', 'questions.gradient-ascent'],
    tables: [],
    charts: [],
    pictures: some('searched'),
  },
  {
    id: 'perturbation',
    title: 'Small changes of real images',
    text: ['Accuracies under attack are upper bounds: a stronger attack can only lower them.'],
    figures: ['robust@linf:8/255', 'robust@linf:0.1', 'distance.linf'],
    tables: [],
    charts: [],
    pictures: [],
  },
];

const BEFORE: readonly Figure[] = [
  shareFigure({ id: 'accuracy', title: 'Accuracy', better: 'higher' }, 1979, 2000),
  shareFigure({ id: 'garbage', title: 'Garbage accepted, worst source', better: 'lower' }, 301, 500),
  shareFigure({ id: 'robust@linf:8/255', title: 'Right within L∞ 8/255', better: 'higher' }, 61, 200),
];

const MEASURED: Omit<AuditResult, 'headline'> = {
  format: 'pareidolia-audit',
  version: 1,
  tool: { name: 'pareidolia', version: '0.1.0', runtime: 'onnxruntime-node 1.24.1, CPU' },
  command: 'npx pareidolia audit models/digits.onnx --data mnist --threshold 0.9 --seed 1 --out runs/audit',
  seed: 1,
  budget: 'quick',
  threshold: 0.9,
  model: {
    name: 'models/digits.onnx',
    kind: 'file',
    sha256: '7c211433f02071597741e6ff5a8ea34789abbf43a9a9a2c1bbd8f0e5a5f0f6a1',
    classes: 10,
    channels: 1,
    height: 28,
    width: 28,
    facts: [
      { name: 'producer', value: 'pytorch 1.13.1' },
      { name: 'operators', value: 'Conv, Gemm, MaxPool, Relu, Softmax' },
    ],
    notices: ['The class names are not in the file; they were taken from classes.txt'],
  },
  images: { origin: 'mnist-test', count: 10_000, used: 2000, labelled: true, leftOut: [] },
  outliers: null,
  figures: FIGURES,
  findings: FINDINGS,
  gates: [],
  sections: SECTIONS,
  pictures: PICTURES,
  limits: ['No --outliers were given, so nothing is known of images of other things'],
  queries: { forward: 61_240, backward: 8_200 },
  baseline: null,
};

const GATES = 'garbage>1%,robust@8/255<40%,accuracy<95%,findings.high>0,distance.l2<0.5';
const byId = new Map([...FIGURES, ...countFindings(FINDINGS)].map((figure) => [figure.id, figure]));

const BASE: Omit<AuditResult, 'headline'> = {
  ...MEASURED,
  gates: parseGates(GATES).map((gate) => judgeGate(gate, byId)),
  baseline: {
    name: 'runs/last/audit.json',
    changes: compareWithBaseline({ ...MEASURED, figures: BEFORE }, MEASURED),
  },
};

/** Noise, stripes or flat squares, the same at each call. */
function picture(source: string, seed: number): Uint8Array {
  let state = (seed + 1) * 2_654_435_761;
  const noise = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  return Uint8Array.from({ length: 28 * 28 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    if (source === 'gratings') return Math.round(127 + 127 * Math.sin((x * (seed % 5) + y * 2) / 3));
    if (source === 'evolved images')
      return Math.round(127 + 127 * Math.sin((x * y) / (6 + seed)) * Math.cos((x - y) / (1 + (seed % 4))));
    return noise();
  });
}
