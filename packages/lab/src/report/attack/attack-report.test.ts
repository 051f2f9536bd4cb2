import { describe, expect, it } from 'vitest';
import { renderAttackReport } from './attack-report.ts';
import type { AttackReportData } from './attack-report-data.ts';
import type { AttackSummary } from './attack-summary.ts';

const summary: AttackSummary = {
  attack: 'pgd',
  norm: 'linf',
  epsilon: 0.1,
  images: 20,
  initiallyWrong: 1,
  adversarial: 19,
  surviving: 19,
  robust: 0,
  accuracy: 0,
  notFinite: [],
  unpredicted: 0,
  gradientNotFinite: [],
  meanDistance: 0.08,
  medianDistance: 0.08,
  meanForward: 40,
  meanBackward: 40,
  meanMisread: 1,
  seconds: 1,
};

function data(...summaries: readonly Partial<AttackSummary>[]): AttackReportData {
  return {
    outcome: {
      version: '0',
      runtime: 'none',
      command: 'npx pareidolia attack',
      model: { name: 'net.onnx', sha256: '00ff', classes: 10 },
      images: { origin: '20 images', count: 20, labelling: 'dataset' },
      quantize: true,
      seed: 1,
      summaries: summaries.map((changes) => ({ ...summary, ...changes })),
      flags: [],
    },
    lines: [],
    exhibits: [],
    shape: { channels: 1, height: 4, width: 4 },
  };
}

async function heading(...summaries: readonly Partial<AttackSummary>[]): Promise<string> {
  const [, text] = /<h1>([\s\S]*?)<\/h1>/.exec(await renderAttackReport(data(...summaries)))!;
  return text!.replaceAll(/<[^>]*>/g, '').replaceAll('\u00a0', ' ');
}

describe('the heading of an attack report', () => {
  it.each([
    [{}, 'No image withstands: accuracy falls from 95 % to 0 % under pgd within L∞ 0.1'],
    [
      { accuracy: 0.05, adversarial: 18 },
      'Hardly any image withstands: accuracy falls from 95 % to at most 5 % under pgd within L∞ 0.1',
    ],
    [
      { accuracy: 0.9, adversarial: 1 },
      'Some of the images fall: accuracy falls from 95 % to at most 90 % under pgd within L∞ 0.1',
    ],
    [
      { accuracy: 0.95, adversarial: 0 },
      'No adversarial image found: accuracy is at most 95 %, as far as pgd within L∞ 0.1 can tell',
    ],
  ])('%j', async (changes, text) => {
    expect(await heading(changes)).toBe(text);
  });

  it('is of the least accuracy', async () => {
    expect(
      await heading({ accuracy: 0.3, adversarial: 13 }, { attack: 'square', accuracy: 0.1, adversarial: 17 }),
    ).toMatch(/at most 10 % under square/);
  });
});

it('says that accuracy is an upper bound', async () => {
  const page = await renderAttackReport(data({ accuracy: 0.5, adversarial: 9 }));
  expect(page).toContain('<th scope="col" class="n">accuracy, at most</th>');
  expect(page).toContain('Accuracies and distances are upper bounds');
});
