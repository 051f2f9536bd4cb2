import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { type LinearModel, randomLinearModel } from '../../testing/linear-model.ts';
import { CutShort, drive } from './drive.ts';
import { gradientAt, gradientsAt, logitsOf, logitsOfEach, type Steps } from './query.ts';

const model = (): LinearModel => randomLinearModel(Random.stream(91), 3, { channels: 1, height: 1, width: 2 });

const image = (a: number, b: number): Float32Array => Float32Array.of(a, b);

/** W x + b of one class, written down again. */
function score({ weights, bias }: LinearModel, pixels: Float32Array, k: number): number {
  return weights[k]![0]! * pixels[0]! + weights[k]![1]! * pixels[1]! + bias[k]!;
}

describe('a drive', () => {
  it('brings every answer back to its own question, whatever their kinds', async () => {
    const linear = model();
    const asker = (seed: number) =>
      function* (): Steps<void> {
        const random = Random.stream(seed);
        for (let round = 0; round < 6; round++) {
          const pixels = image(random.uniform(), random.uniform());
          const own = random.integer(3);
          if (random.uniform() < 0.3) {
            const bytes = Uint8Array.of(random.integer(256), 255);
            const logits = yield* logitsOf(bytes);
            expect(logits[own]).toBeCloseTo(score(linear, image(bytes[0]! / 255, 1), own), 5);
          } else if (random.uniform() < 0.5) {
            const { value, gradient } = yield* gradientAt(pixels, {
              kind: 'linear',
              weights: Float32Array.from([0, 1, 2], (k) => Number(k === own)),
            });
            expect(value).toBeCloseTo(score(linear, pixels, own), 5);
            expect(gradient).toEqual(linear.weights[own]);
          } else {
            const [one, two] = yield [
              { kind: 'logits', image: pixels },
              { kind: 'gradient', image: pixels, objective: { kind: 'margin', classIndex: own } },
            ];
            expect(one!.logits[own]).toBeCloseTo(score(linear, pixels, own), 5);
            const rivals = [0, 1, 2].filter((k) => k !== own).map((k) => score(linear, pixels, k));
            expect(two!.value).toBeCloseTo(Math.max(...rivals) - score(linear, pixels, own), 5);
          }
        }
      };
    const endings = await drive(linear, [1, 2, 3, 4, 5].map(asker), { batch: 3 });
    expect(endings.map(({ cut }) => cut)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('makes no batch larger than asked for, and starts no more searches than go into one', async () => {
    const linear = model();
    let [open, most] = [0, 0];
    const search = function* (): Steps<void> {
      open++;
      most = Math.max(most, open);
      yield* logitsOfEach([image(0, 0), image(0, 1), image(1, 0)]);
      open--;
    };
    await drive(linear, [search, search, search, search, search], { batch: 2 });
    expect(linear.forward).toBe(15);
    expect(Math.max(...linear.batches)).toBe(2);
    expect(most).toBe(2);
  });

  it('fills batches with the questions of many searches', async () => {
    const linear = model();
    const search = function* (): Steps<void> {
      for (let step = 0; step < 4; step++) yield* logitsOf(image(0, 0));
    };
    await drive(linear, [search, search, search, search], { batch: 4 });
    expect(linear.batches).toEqual([4, 4, 4, 4]);
  });

  it('counts forwards and backwards, and shows the count to the search while it runs', async () => {
    const seen: number[][] = [];
    const [ending] = await drive(
      model(),
      [
        (meter) =>
          (function* () {
            yield* logitsOf(image(0, 0));
            seen.push([meter.forward, meter.backward]);
            yield* gradientsAt(image(0, 0), [
              { kind: 'margin', classIndex: 0 },
              { kind: 'margin', classIndex: 1 },
            ]);
            seen.push([meter.forward, meter.backward]);
            return 'done';
          })(),
      ],
      { batch: 2 },
    );
    expect(seen).toEqual([
      [1, 0],
      [3, 2],
    ]);
    expect(ending).toEqual({ value: 'done', queries: { forward: 3, backward: 2 }, cut: undefined });
  });

  it('asks nothing that goes beyond the budget, and lets a search hand over what it has', async () => {
    const linear = model();
    const patient = function* (): Steps<number> {
      let answered = 0;
      try {
        for (;;) {
          yield* logitsOfEach([image(0, 0), image(1, 1)]);
          answered += 2;
        }
      } catch (error) {
        if (!(error instanceof CutShort)) throw error;
        return answered;
      }
    };
    const careless = function* (): Steps<number> {
      for (;;) yield* logitsOf(image(0, 0));
    };
    const endings = await drive(linear, [patient, careless], { batch: 4, budget: 5 });
    expect(endings).toEqual([
      { value: 4, queries: { forward: 4, backward: 0 }, cut: 'budget' },
      { value: undefined, queries: { forward: 5, backward: 0 }, cut: 'budget' },
    ]);
    expect(linear.forward).toBe(9);
  });

  it('tells a search that asks on after its end to end again', async () => {
    let told = 0;
    const stubborn = function* (): Steps<string> {
      while (told < 3) {
        try {
          yield* logitsOf(image(0, 0));
        } catch (error) {
          if (!(error instanceof CutShort)) throw error;
          told++;
        }
      }
      return 'at last';
    };
    const [ending] = await drive(model(), [stubborn], { batch: 1, budget: 2 });
    expect(ending).toEqual({ value: 'at last', queries: { forward: 2, backward: 0 }, cut: 'budget' });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'ends a search whose gradient holds %d, and only that one',
    async (bad) => {
      const broken = new AlteredModel(model(), ({ image: pixels, gradient }) => {
        if (gradient.length > 0 && pixels[0] === 1) gradient[1] = bad;
      });
      const search = (pixel: number) =>
        function* (): Steps<string> {
          yield* gradientAt(image(pixel, 0), { kind: 'margin', classIndex: 0 });
          return 'whole';
        };
      const endings = await drive(broken, [search(0), search(1), search(0.5)], { batch: 3 });
      expect(endings.map(({ value, cut }) => value ?? cut)).toEqual(['whole', 'gradient not finite', 'whole']);
    },
  );

  it('goes on with a search that asks for nothing', async () => {
    const idle = function* (): Steps<number> {
      yield [];
      yield [];
      return 3;
    };
    const [ending] = await drive(model(), [idle], { batch: 1 });
    expect(ending!.value).toBe(3);
  });

  it('says how far it is, and ends where it is told to', async () => {
    const linear = model();
    const search = function* (): Steps<void> {
      yield* logitsOf(image(0, 0));
      yield* logitsOf(image(0, 0));
    };
    const heard: number[][] = [];
    await drive(linear, [search, search, search], { batch: 2, onProgress: (...progress) => heard.push(progress) });
    expect(heard).toEqual([
      [0, 2],
      [2, 4],
      [2, 5],
      [3, 6],
    ]);
    const stopped = new AbortController();
    const drives = drive(linear, [search, search, search], {
      batch: 1,
      signal: stopped.signal,
      onProgress: () => stopped.abort(new Error('enough')),
    });
    await expect(drives).rejects.toThrow('enough');
    expect(linear.forward).toBe(7);
  });
});
