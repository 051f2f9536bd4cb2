import { describe, expect, it } from 'vitest';
import { renderCampaignReport } from './campaign-report.ts';
import type { CampaignResult } from './campaign-result.ts';

const result: CampaignResult = {
  name: 'racks',
  plan: 'a'.repeat(64),
  pareidolia: '0.1.0',
  runtime: 'onnxruntime-node',
  archive: 'b'.repeat(64),
  complete: true,
  units: { done: 8, total: 8, failed: 0 },
  seconds: 65,
  evaluations: 12_345,
  hardware: ['x64: avx2'],
  mixedHardware: false,
  searches: [
    {
      name: 'lenet-cppn',
      model: '<img src=x>',
      encoding: 'cppn',
      emitter: 'mutation',
      classes: 10,
      generations: 200,
      evaluations: 12_345,
      exchange: false,
      seeds: [
        { seed: 1, evaluations: 6000, median: 0.5, worst: 0.25 },
        { seed: 2, evaluations: 6345, median: 0.6, worst: 0.125 },
      ],
      median: 0.75,
      mean: 0.7,
      worst: 0.5,
      shareAbove99: 0,
      distinctImages: 9,
      folder: 'searches/lenet-cppn',
    },
  ],
  attacks: [],
  audits: [],
  failures: {},
};

describe('the report of a campaign', () => {
  it('shows each search with its seeds, the hashes, and no markup of a model’s name', () => {
    const page = renderCampaignReport(result, 'npx pareidolia campaign start plan.yaml');
    expect(page).toContain('75');
    expect(page).toContain('seed by seed');
    expect(page).toContain('independent runs');
    expect(page).toContain('b'.repeat(64));
    expect(page).not.toContain('<img src=x>');
    expect(page).not.toContain('Mixed hardware');
  });

  it('says what is missing, what failed, and that hardware was mixed', () => {
    const page = renderCampaignReport(
      {
        ...result,
        archive: null,
        complete: false,
        units: { done: 7, total: 8, failed: 1 },
        mixedHardware: true,
        failures: { 'lenet-cppn/share-0': 'it crashed' },
      },
      'x',
    );
    expect(page).toContain('Units are missing (7 of 8 are done)');
    expect(page).toContain('Mixed hardware');
    expect(page).toContain('it crashed');
  });
});
