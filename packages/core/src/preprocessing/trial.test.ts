import { describe, expect, it } from 'vitest';
import { type ModelCard, type ModelCardInput, parseCard } from '../classifier/card.ts';
import { InputError } from '../errors.ts';
import type { Images } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { type TrialRequest, tryPreprocessings } from './trial.ts';

const NUM_CLASSES = 5;

/** What a linear network receives under a card, and its scores: the network knows nothing of the card. */
function scoresOf(card: ModelCard, pixels: Uint8Array, weights: readonly (readonly number[])[]): number[] {
  const channels = pixels.length;
  const order = card.color === 'bgr' ? [2, 1, 0] : [0, 1, 2].slice(0, channels);
  const each = (value: number | readonly number[], c: number): number =>
    typeof value === 'number' ? value : value[c]!;
  const [low, high] = card.range;
  const received = order.map(
    (ours, c) => (low + ((high - low) * pixels[ours]!) / 255 - each(card.mean, c)) / each(card.deviation, c),
  );
  const logits = weights.map((row) => row.reduce((sum, weight, c) => sum + weight * (received[c] ?? 1), 0));
  const most = Math.max(...logits);
  const powers = logits.map((z) => Math.exp(z - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Images that a network has all right under one card. */
function trial(truth: ModelCardInput, channels: 1 | 3, count: number, inForce: ModelCardInput = {}): TrialRequest {
  const random = Random.stream(5, channels);
  // Of one channel: the nearest of these values.
  const nearest = [-0.3, 0.2, 0.6, 1.2, 2.2].map((value) => [value, -(value ** 2) / 2]);
  const plane = (): number[] => Array.from({ length: 4 }, (_, c) => (c === 3 ? 0.3 : 3) * random.normal());
  const weights = channels === 1 ? nearest : Array.from({ length: NUM_CLASSES }, plane);
  const shape = { channels, height: 1, width: 1 };
  const data = Uint8Array.from({ length: count * channels }, () => random.integer(256));
  const images: Images = { ...shape, count, data };
  const row = (index: number): Uint8Array => data.subarray(index * channels, (index + 1) * channels);
  const labels = Array.from({ length: count }, (_, index) => {
    const scores = scoresOf(parseCard(truth), row(index), weights);
    return scores.indexOf(Math.max(...scores));
  });
  return {
    card: parseCard(inForce),
    channels,
    labels,
    images: async () => images,
    load: async (card) => ({
      shape,
      predict: async () => ({
        count,
        numClasses: NUM_CLASSES,
        data: Float32Array.from(
          Array.from({ length: count }, (_, index) => scoresOf(card, row(index), weights)).flat(),
        ),
      }),
    }),
  };
}

describe('a trial of preprocessings', () => {
  it.each([
    ['range [-1, 1]', { range: [-1, 1] }, 3],
    ['mean and deviation of ImageNet', { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }, 3],
    [
      "Caffe's mean of ImageNet, in the order BGR",
      { range: [0, 255], mean: [103.939, 116.779, 123.68], color: 'bgr' },
      3,
    ],
    ['range [0, 255], in the order BGR', { range: [0, 255], color: 'bgr' }, 3],
    ['mean and deviation of MNIST', { mean: 0.1307, deviation: 0.3081 }, 1],
    ['range [0, 1], inverted', { range: [1, 0] }, 1],
  ] satisfies [string, ModelCardInput, 1 | 3][])('finds %s', async (title, truth, channels) => {
    const { best, verdict, inForce, p } = await tryPreprocessings(trial(truth, channels, 200));
    expect(best.title).toBe(title);
    expect(best.accuracy).toBe(1);
    expect(inForce.title).toBe('range [0, 1]');
    expect(verdict).toBe('other');
    expect(p).toBeLessThan(0.05);
  });

  it('says that the one in force fits, where it does', async () => {
    const truth: ModelCardInput = { range: [-1, 1] };
    const { best, inForce, verdict } = await tryPreprocessings(trial(truth, 3, 200, truth));
    expect(verdict).toBe('fits');
    expect(best).toBe(inForce);
  });

  it('keeps a card with values of its own among them', async () => {
    const truth: ModelCardInput = { range: [0, 2], mean: [1.1, 0.9, 1], deviation: [0.3, 0.2, 0.4] };
    const { inForce, verdict } = await tryPreprocessings(trial(truth, 3, 200, truth));
    expect(inForce).toMatchObject({ title: "the card's own", accuracy: 1 });
    expect(verdict).toBe('fits');
  });

  it('is inconclusive where few images leave it to chance', async () => {
    const { verdict, p, rivals, onlyBest, onlyInForce, inForce } = await tryPreprocessings(
      trial({ mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }, 3, 6),
    );
    // Six images at most differ: 2 / 2^6 for each of at least five comparisons.
    expect(p).toBeGreaterThan(0.05);
    expect(onlyBest + onlyInForce).toBeLessThanOrEqual(6);
    expect(rivals).toContain(inForce);
    expect(['inconclusive', 'chance']).toContain(verdict);
  });

  it('says that labels or network are doubtful where nothing is above chance', async () => {
    const request = trial({}, 3, 100);
    const labels = Array.from(request.labels, (_, index) => index % NUM_CLASSES);
    expect((await tryPreprocessings({ ...request, labels })).verdict).toBe('chance');
  });

  it('is inconclusive for images of one class, which a constant answer has right', async () => {
    const request = trial({ range: [-1, 1] }, 3, 50);
    expect((await tryPreprocessings({ ...request, labels: new Int32Array(50) })).verdict).toBe('inconclusive');
  });

  it('goes on where a candidate cannot be scored, and counts nothing as right', async () => {
    const request = trial({ range: [-1, 1] }, 3, 100);
    const { tried, verdict } = await tryPreprocessings({
      ...request,
      load: async (card) => {
        if (card.range[1] === 255) throw new InputError('net.onnx gives NaN');
        return request.load(card);
      },
    });
    expect(tried.filter(({ problem }) => problem === 'net.onnx gives NaN').map(({ right }) => right)).toEqual([0, 0]);
    expect(verdict).toBe('other');
  });

  it('has no log-probabilities of a classifier that tells labels only', async () => {
    const request = trial({ range: [-1, 1] }, 3, 50);
    const load = async (card: ModelCard) => ({ ...(await request.load(card)), answers: 'labels' as const });
    expect((await tryPreprocessings({ ...request, load })).best.meanLogProbability).toBeNull();
  });

  it('tries other ways to resize with the best of the pixels, and frees every classifier', async () => {
    const request = trial({ range: [-1, 1] }, 3, 100, { resize: { shorterSide: 256 } });
    const asked: unknown[] = [];
    let open = 0;
    await tryPreprocessings({
      ...request,
      resizes: [{ title: 'squashed', resize: { mode: 'squash' } }],
      images: async (card) => {
        asked.push([card.range, card.resize]);
        return request.images(card);
      },
      load: async (card) => {
        open++;
        return { ...(await request.load(card)), dispose: async () => void open-- };
      },
    });
    expect(open).toBe(0);
    expect(asked.at(-1)).toEqual([[-1, 1], { mode: 'squash' }]);
    expect(asked.slice(0, -1).every((one) => (one as unknown[])[1] !== undefined)).toBe(true);
  });
});
