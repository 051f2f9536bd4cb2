import { describe, expect, it } from 'vitest';
import type { Elite } from '../archive/archive.ts';
import { ClassArchive } from '../archive/class-archive.ts';
import { type NeatGenome, packNeat } from '../encoding/neat/genome.ts';
import { neatEncoding } from '../encoding/neat/neat.ts';
import { Random } from '../random/random.ts';
import { neatVariationOf } from '../variation/neat.ts';
import { NEAT_SETTINGS, NeatEmitter } from './neat.ts';

const encoding = neatEncoding({ channels: 1, height: 4, width: 4 });

/** Genomes whose weights are all equal: two of them are 0.4 times the difference apart. */
function genome(weight: number): Uint8Array {
  const links = [0, 1, 2, 3].map((source) => ({ source, target: 4, weight, isOn: true }));
  const made: NeatGenome = { outputs: 1, hidden: [], outputActivations: [0], links };
  return packNeat(made);
}

function emitter(settings: Partial<typeof NEAT_SETTINGS._output> = {}): NeatEmitter {
  return new NeatEmitter(encoding, neatVariationOf(encoding), NEAT_SETTINGS.parse({ interspecies: 0, ...settings }));
}

function archiveOf(elites: readonly Elite[]): ClassArchive {
  const archive = new ClassArchive(elites.map((_, i) => i));
  elites.forEach((elite, cell) => {
    archive.restore(cell, elite);
  });
  return archive;
}

const near = [0, 1, 2].map((id): Elite => ({ genome: genome(id), confidence: 0.2, id }));
const far: Elite = { genome: genome(10), confidence: 0.6, id: 3 };
const archive = archiveOf([...near, far]);
const ask = (from: NeatEmitter, generation: number, count = 4000) =>
  from.ask({ archive, count, generation, random: Random.stream(1, generation) }).candidates;

describe('NEAT over an archive', () => {
  it('begins with random networks', () => {
    expect(ask(emitter(), 0, 3)).toEqual([{ parents: [] }, { parents: [] }, { parents: [] }]);
  });

  it('mates within species, the fitter parent first', () => {
    for (const { parents } of ask(emitter(), 1, 300)) {
      expect(parents).toHaveLength(2);
      expect(parents[0] === far).toBe(parents[1] === far);
      expect(parents[0]!.confidence).toBeGreaterThanOrEqual(parents[1]!.confidence);
    }
  });

  it('gives each species children by its mean fitness: sharing', () => {
    // 0.2 and 0.6, whatever the number of members.
    const share = ask(emitter(), 1).filter(({ parents }) => parents[0] === far).length / 4000;
    expect(Math.abs(share - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / 4000));
  });

  it('counts an image that holds two classes once', () => {
    const twice = archiveOf([{ ...near[0]!, confidence: 0.1 }, near[0]!, far]);
    const question = { archive: twice, count: 4000, generation: 1, random: Random.stream(2) };
    const share =
      emitter()
        .ask(question)
        .candidates.filter(({ parents }) => parents[0] === far).length / 4000;
    expect(Math.abs(share - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / 4000));
  });

  it('gives a species none once it stagnates, and all again where all do', () => {
    const neat = emitter({ stagnation: 3 });
    ask(neat, 1, 1);
    const fresh = archiveOf([...near.slice(0, 2), { ...near[2]!, id: 9 }, far]);
    const later = (generation: number, of: ClassArchive) =>
      neat.ask({ archive: of, count: 500, generation, random: Random.stream(3, generation) }).candidates;
    expect(later(4, fresh).some(({ parents }) => parents[0] === far)).toBe(false);
    expect(later(20, fresh).some(({ parents }) => parents[0] === far)).toBe(true);
  });

  it('goes on from its state to the same parents', () => {
    const whole = emitter();
    for (let generation = 1; generation <= 5; generation++) ask(whole, generation, 10);
    const resumed = emitter();
    resumed.restore(structuredClone(whole.state()));
    expect(ask(resumed, 6, 50)).toEqual(ask(whole, 6, 50));
    expect(() => resumed.restore([{ representative: 1 }])).toThrow('its species are none of this search');
  });
});
