import { describe, expect, it } from 'vitest';
import { pixelEncoding } from '../encoding/pixels.ts';
import { isoLineOf } from '../variation/iso-line.ts';
import { breed } from './breeder.ts';
import { breedAgain, Lineage } from './lineage.ts';

const birth = (id: number, parents: readonly number[], classIndex = 0) => ({
  id,
  generation: Math.floor(id / 10),
  place: id % 10,
  parents,
  classIndex,
  confidence: 0.5,
});

describe('the lineage of a candidate', () => {
  it('holds each ancestor once, parents before children, whatever their number', () => {
    const lineage = new Lineage();
    for (const record of [
      birth(1, []),
      birth(2, []),
      birth(11, [1, 2]),
      birth(12, [2]),
      birth(21, [11, 12, 1]),
      birth(22, [12]),
    ]) {
      lineage.add(record);
    }
    expect(lineage.ancestors(21).map(({ id }) => id)).toEqual([1, 2, 11, 12, 21]);
    expect(lineage.ancestors(22).map(({ id }) => id)).toEqual([2, 12, 22]);
    expect(lineage.ancestors(99)).toEqual([]);
  });

  it('tells the cells that a candidate won', () => {
    const lineage = new Lineage();
    lineage.add(birth(1, [], 4));
    lineage.add(birth(1, [], 7));
    expect(lineage.ancestors(1)[0]!.cells.map(({ classIndex }) => classIndex)).toEqual([4, 7]);
  });

  it('tells who made a candidate, where the journal says so', () => {
    const lineage = new Lineage();
    lineage.add(birth(1, []));
    lineage.add({ ...birth(11, [1]), emitter: 'mutation' });
    lineage.add({ ...birth(21, [11]), emitter: 'cma-me', given: true });
    expect(lineage.ancestors(21).map(({ emitter, given }) => [emitter, given])).toEqual([
      [undefined, undefined],
      ['mutation', undefined],
      ['cma-me', true],
    ]);
  });

  it('is enough to make a child of two parents again', async () => {
    const encoding = pixelEncoding({ channels: 1, height: 2, width: 2 });
    const variation = isoLineOf(encoding);
    const origin = { encoding, variation, seed: 5 };
    const nothing = [{ parents: [] }, { parents: [] }];
    const { genomes: parents } = await breed(encoding, variation, 5, { generation: 0, first: 0, recipes: nothing });
    const request = { generation: 3, first: 0, recipes: [{ parents: [] }, { parents }] };
    const { genomes } = await breed(encoding, variation, 5, request);
    const again = await breedAgain(origin, { generation: 3, place: 1 }, parents);
    expect(again.genome).toEqual(genomes[1]);
    expect(again.image).toEqual(genomes[1]);
  });
});
