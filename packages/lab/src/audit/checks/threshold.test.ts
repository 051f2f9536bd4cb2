import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { type Detector, type Images, OnnxClassifier, parseCard, queryBudget, Random } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { describe, expect, it } from 'vitest';
import { scriptedClassifier } from '../../testing/scripted-classifier.ts';
import { type AuditOptions, audit } from '../audit.ts';
import type { AuditedClassifier, RealImages } from '../bench.ts';
import { parseGates } from '../gates/gate.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { thresholdCheck } from './threshold.ts';

const TWO = ['dark', 'bright'];

const batch = (images: Images, origin = 'real'): RealImages => ({
  origin,
  images,
  names: Array.from({ length: images.count }, (_, i) => `${i}`),
});

/** 8 x 8 images, each of one grey. */
const plain = (levels: readonly number[]): RealImages =>
  batch({
    channels: 1,
    height: 8,
    width: 8,
    count: levels.length,
    data: Uint8Array.from({ length: 64 * levels.length }, (_, i) => levels[Math.floor(i / 64)]!),
  });

/** The logit of the first pixel: from 1/2 for black to 1 / (1 + e^-4) = 0.982 for white. */
const byFirstPixel = (changes: Partial<AuditedClassifier> = {}): AuditedClassifier =>
  scriptedClassifier(TWO, (image) => [0, (4 * image[0]!) / 255], changes);

const confidenceOf = (level: number): number => 1 / (1 + Math.exp((-4 * level) / 255));

const run = async (classifier: AuditedClassifier, options: AuditOptions): Promise<AuditResult> => {
  const { result } = await audit(classifier, { checks: [thresholdCheck], ...options });
  return AUDIT_RESULT.parse(result);
};

const figure = (result: AuditResult, id: string): AuditResult['figures'][number] =>
  result.figures.find((each) => each.id === id)!;

/** 100 levels, 101 to 200. */
const LEVELS = Array.from({ length: 100 }, (_, i) => 101 + i);

describe('the threshold', () => {
  it('keeps 95 of 100 real images, and has the interval of its order statistics', async () => {
    const result = await run(byFirstPixel(), { images: plain(LEVELS), threshold: confidenceOf(150.5) });
    // The sixth smallest of 101, 102, ...; the interval's ends are the first and the eleventh (see the test of the ranking).
    expect(figure(result, 'threshold.95').value).toBeCloseTo(confidenceOf(106), 6);
    const [low, high] = figure(result, 'threshold.95').interval!;
    expect(low).toBeCloseTo(confidenceOf(101), 6);
    expect(high).toBeCloseTo(confidenceOf(111), 6);
    expect(figure(result, 'refused').counted).toEqual({ hits: 50, of: 100 });
    const cost = result.findings.find(({ ruleId }) => ruleId === 'PAR-D002')!;
    // Wilson's interval of 50 of 100 is 40.4 % to 59.6 %.
    expect(cost).toMatchObject({ state: 'fail', severity: 'medium' });
  });

  it('stops what is less certain, with AUROC and false positives counted by hand', async () => {
    // Of 4 outliers two are below all real images, one is above 49 of them and equal to one, one above all.
    const result = await run(byFirstPixel(), { images: plain(LEVELS), outliers: plain([1, 2, 150, 255]) });
    expect(figure(result, 'stopped.outliers').counted).toEqual({ hits: 2, of: 4 });
    expect(figure(result, 'fpr95.outliers').counted).toEqual({ hits: 2, of: 4 });
    expect(figure(result, 'auroc.outliers').value).toBeCloseTo((100 + 100 + 50.5 + 0) / 400, 6);
    expect(figure(result, 'stopped.black')).toMatchObject({ value: 1, interval: null });
    expect(figure(result, 'stopped.white')).toMatchObject({ value: 0, interval: null });
    expect(figure(result, 'auroc.white').value).toBe(0);
    const stops = result.findings.find(({ ruleId }) => ruleId === 'PAR-D001')!;
    expect(stops).toMatchObject({ state: 'fail', severity: 'high' });
    expect(stops.sentence).toMatch(/stops 0\s% of plain white, of which it stops least/);
  });

  it('compares every detector, on logits; those that need none where there are only probabilities', async () => {
    const tablesOf = (result: AuditResult): readonly string[] =>
      result.sections[0]!.tables.find(({ title }) => title === 'Detectors')?.head ?? [];
    const options = { images: plain(LEVELS) };
    const full = await run(byFirstPixel(), options);
    expect(tablesOf(full).length).toBe(5);
    const normalized = scriptedClassifier(TWO, (image) => {
      const p = confidenceOf(image[0]!);
      return [Math.log(1 - p), Math.log(p)];
    });
    const less = await run(normalized, options);
    expect(tablesOf(less).join()).toMatch(/^source,maximum softmax probability.*,entropy.*$/);
    expect(tablesOf(less).length).toBe(3);
    expect(less.limits.join()).toMatch(/gives probabilities and no logits/);
    const service = await run({ ...normalized, noGradient: 'It is a service' }, options);
    expect(tablesOf(service)).toEqual([]);
    // Eight real images more than the confidences take, to see that there are no logits.
    expect(less.queries.forward - service.queries.forward).toBe(service.queries.forward - 8);
    const sigmoids = await run(byFirstPixel({ reading: { kind: 'sigmoids', why: '' } }), options);
    expect(tablesOf(sigmoids).join()).toMatch(/^source,maximum logit[^,]*$/);
  });

  it('compares a discriminator with them, by the images themselves', async () => {
    // The darker the first pixel, the more real: the other way round than the classifier's confidence.
    const discriminator: Detector = {
      name: 'discriminator',
      title: 'the discriminator d.onnx',
      paper: 'Goodfellow et al. 2014',
      needs: 'image',
      isShiftInvariant: true,
      isOfSoftmax: false,
      fit: async () => ({
        name: 'discriminator',
        remarks: [],
        parameters: {},
        score: () => 0,
        scoresOf: async ({ count, data }) => Float64Array.from({ length: count }, (_, row) => -data[64 * row]!),
        graph: () => '',
      }),
    };
    const result = await run(byFirstPixel(), { images: plain(LEVELS), discriminator });
    const { head, rows } = result.sections[0]!.tables.find(({ title }) => title === 'Detectors')!;
    expect(head.at(-1)).toBe('the discriminator d.onnx (Goodfellow et al. 2014)');
    const of = (name: string): string => rows.find(([source]) => source === name)!.at(-1)!;
    expect(of('plain black')).toMatch(/^0; 0/);
    expect(of('plain white')).toMatch(/^1; 100/);
  });

  it('has figures that gates may name', async () => {
    const gates = parseGates('stopped.white<95%,fpr95.black>5%,auroc.white<0.9,refused>1%');
    const result = await run(byFirstPixel(), { images: plain(LEVELS), threshold: 0.5, gates });
    expect(result.gates.map(({ state }) => state)).toEqual(['fail', 'pass', 'fail', 'pass']);
  });

  it('is doubtful from few real images', async () => {
    const result = await run(byFirstPixel(), { images: plain([100, 101, 102]) });
    // Of Binomial(3, 0.05) P(B <= 0) = 0.857, so there is no lower end; P(B >= 2) = 0.007.
    const [low, high] = figure(result, 'threshold.95').interval!;
    expect(low).toBe(0);
    expect(high).toBeCloseTo(confidenceOf(101), 6);
    expect(figure(result, 'threshold.95').state).toBe('inconclusive');
    expect(result.findings.find(({ ruleId }) => ruleId === 'PAR-D001')).toMatchObject({ state: 'inconclusive' });
  });

  it('says why there is none without real images, without confidences, and when queries end', async () => {
    const without = await run(byFirstPixel(), {});
    expect([without.figures, without.limits.join()]).toEqual([[], expect.stringMatching(/No real images were given/)]);
    const labels = await run(byFirstPixel({ answers: 'labels' }), { images: plain(LEVELS) });
    expect([labels.figures, labels.limits.join()]).toEqual([[], expect.stringMatching(/no threshold can be applied/)]);
    const limited = await run(queryBudget(byFirstPixel(), 20), { images: plain(LEVELS) });
    expect(limited.limits.join()).toMatch(/The queries ended at 0 of 100 real images/);
  });
});

describe('detectors that are fitted', () => {
  const TITLE = 'Detectors that are fitted, or look into the network';

  /** Two features, the means of the left and of the right half, and a last layer of two classes. */
  const halves = async (): Promise<OnnxClassifier> => {
    const b = new GraphBuilder('halves');
    const rows = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 8, 8])], { axis: 1 });
    const means = Float32Array.from({ length: 128 }, (_, i) =>
      ((i >> 1) % 8 < 4 ? 1 : 0) === 1 - (i % 2) ? 1 / 32 : 0,
    );
    const features = b.op('MatMul', [rows, b.constant({ type: 'float32', dims: [64, 2], data: means })]);
    const weights = b.constant({ type: 'float32', dims: [2, 2], data: Float32Array.of(4, -4, -4, 4) });
    b.output(b.op('Gemm', [features, weights], {}, 'logits'));
    return OnnxClassifier.load(writeModel(b.build()), {
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'halves',
      card: parseCard({ color: 'grey', output: 'logits', classNames: ['left', 'right'] }),
    });
  };

  /** Images bright on one side, by the class, with a little noise. */
  const sides = (count: number): RealImages => {
    const random = Random.stream(5);
    const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
    const data = Uint8Array.from({ length: 64 * count }, (_, at) => {
      const isBright = (at % 8 < 4 ? 0 : 1) === Math.floor(at / 64) % 2;
      return Math.max(0, Math.min(255, Math.round((isBright ? 200 : 50) + 8 * random.normal())));
    });
    return { ...batch({ channels: 1, height: 8, width: 8, count, data }), labels };
  };

  it('are measured on images that they were not fitted to, and tell apart what lies far from all of them', async () => {
    const model = await halves();
    const result = await run(model, { images: sides(100) });
    const table = result.sections[0]!.tables.find(({ title }) => title === TITLE)!;
    expect(table.caption).toContain('fitted to 50 of the real images');
    expect(table.caption).toContain('against the other 50 real images');
    const column = table.head.findIndex((title) => /^Mahalanobis distance/.test(title));
    expect(column).toBeGreaterThan(1);
    // White and black have features that are hundreds of deviations from both means.
    for (const source of ['plain white', 'plain black']) {
      expect(table.rows.find(([title]) => title === source)![column]).toMatch(/^1; 100/);
    }
    // The gradient of each image is asked for by larger budgets.
    expect(table.head.join()).not.toContain('ODIN');
    expect(result.limits.join()).toContain('ODIN');
    await model.dispose();
  });

  it('are left out, with the reason, where there are too few images', async () => {
    const model = await halves();
    const few = await run(model, { images: sides(30) });
    expect(few.sections[0]!.tables.map(({ title }) => title)).not.toContain(TITLE);
    expect(few.limits.join()).toContain('it takes at least 40');
    await model.dispose();
    expect((await run(byFirstPixel(), { images: plain(LEVELS) })).limits.join()).not.toContain('fitted');
  });
});
