import { describe, expect, it } from 'vitest';
import { ClassArchive } from '../archive/class-archive.ts';
import { archiveStatistics, confidenceStatistics } from './statistics.ts';

describe('statistics over the classes', () => {
  it('give the middle value, or the mean of the two middle values', () => {
    expect(confidenceStatistics([0.3, 0.1, 0.9]).median).toBe(0.3);
    expect(confidenceStatistics([0.4, 0.1, 0.8, 0.2]).median).toBeCloseTo(0.3, 12);
  });

  it('count a bound as reached when it is met exactly', () => {
    const { shareAbove90, shareAbove99, shareAbove9999 } = confidenceStatistics([0.9, 0.99, 0.9999, 0.1]);
    expect([shareAbove90, shareAbove99, shareAbove9999]).toEqual([0.75, 0.5, 0.25]);
  });

  it('count an empty cell as zero and an image with two cells once', () => {
    const archive = new ClassArchive([0, 1, 2]);
    const elite = { genome: new Uint8Array(), confidence: 0.75, id: 4 };
    archive.restore(0, elite);
    archive.restore(2, elite);
    expect(archiveStatistics(archive)).toMatchObject({ mean: 0.5, median: 0.75, worst: 0, distinctImages: 1 });
  });
});
