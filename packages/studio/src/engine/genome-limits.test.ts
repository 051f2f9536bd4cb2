import { describe, expect, it } from 'vitest';
import { documentOf, readGenome, renderGenome } from './breeding.ts';

const pause = async (): Promise<void> => {};

/** A chain of so many nodes, each of which draws on `width` nodes before it. */
function chain(length: number, width = 1) {
  const name = (node: number): string => (node < 0 ? 'bias' : node === length - 1 ? 'grey' : `h${node}`);
  const nodes = Array.from({ length }, (_, node) => ({
    name: name(node),
    function: 'sine',
    from: Object.fromEntries(Array.from({ length: width }, (_, k) => [name(node - 1 - k), 1])),
  }));
  return { format: 'pareidolia-cppn', version: 1, nodes };
}

describe('a genome of a stranger', () => {
  it('with more nodes or links than are read is told before it is looked at', () => {
    expect(() => readGenome(chain(20_000))).toThrow('The genome in this file has 20000 nodes, more than 4096');
    expect(() => readGenome({ genome: chain(20_000), class: 3 })).toThrow('has 20000 nodes');
    expect(() => readGenome(chain(4000, 10))).toThrow(/has \d+ links, more than 32768/);
    expect(readGenome(chain(4096)).channels).toBe(1);
  });

  it('packed, likewise, whatever else is wrong with it', async () => {
    const genome = new Uint8Array(8);
    new DataView(genome.buffer).setUint32(0, 20_000, true);
    const shape = { channels: 1, height: 28, width: 28 } as const;
    await expect(renderGenome({ genome, shape }, pause)).rejects.toThrow('The genome has 20000 nodes, more than 4096');
    expect(() => documentOf({ genome, channels: 1 })).toThrow('has 20000 nodes');
    expect(() => documentOf({ genome: genome.subarray(0, 3), channels: 1 })).toThrow('not a CPPN genome');
  });

  it('that would take minutes at a size is drawn at a smaller one', async () => {
    const { genome } = readGenome(chain(3000));
    const shape = { channels: 1, height: 4096, width: 4096 } as const;
    // 3000 nodes and 3000 links (those from the bias are links, too) for 16.8 million pixels are 10^11 steps.
    await expect(renderGenome({ genome, shape }, pause)).rejects.toThrow(
      'The genome has 3000 nodes and 3000 links, too many for 4096 x 4096 pixels; draw it smaller',
    );
    const small = await renderGenome({ genome, shape: { ...shape, height: 16, width: 16 } }, pause);
    expect(small.planes).toHaveLength(256);
  });

  it('lets others in while it is drawn', async () => {
    const { genome } = readGenome(chain(500));
    let pauses = 0;
    const counting = async (): Promise<void> => {
      pauses++;
    };
    await renderGenome({ genome, shape: { channels: 1, height: 512, width: 512 } }, counting);
    // 262,144 pixels at 2,500 words each are 13 times the work between two pauses.
    expect(pauses).toBeGreaterThan(10);
  });
});
