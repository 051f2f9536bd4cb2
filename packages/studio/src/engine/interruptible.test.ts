import type { Classifier, GradientScorer, Images, Scores } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { GivenUp, Halt, interruptible } from './interruptible.ts';

const SHAPE = { channels: 1, height: 1, width: 1 } as const;
const images: Images = { ...SHAPE, count: 3, data: Uint8Array.of(10, 20, 30) };

/** A network that takes an image at a time, and notes which it has begun. */
function slow(begun: number[]): Classifier & GradientScorer {
  const predict = async (asked: Images, between?: (done: number) => void | Promise<void>): Promise<Scores> => {
    for (let at = 0; at < asked.count; at++) {
      if (at > 0) await between?.(at);
      begun.push(at);
    }
    return { count: asked.count, numClasses: 1, data: Float32Array.from(asked.data) };
  };
  return { ...SHAPE, shape: SHAPE, origin: [0], predict } as unknown as Classifier & GradientScorer;
}

describe('a halted network', () => {
  it('stops between two images of a call, and answers as if nothing had been when it is released', async () => {
    const begun: number[] = [];
    const halt = new Halt();
    let passes = 0;
    const network = interruptible(slow(begun), async () => {
      if (++passes === 2) halt.halt();
      await halt.pass();
    });
    let answered = false;
    const answer = network.predict(images).finally(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual([0]);
    expect(answered).toBe(false);
    halt.release();
    expect([...(await answer).data]).toEqual([10, 20, 30]);
    expect(begun).toEqual([0, 1, 2]);
  });

  it('rejects what waits, and all that comes after, once it is given up', async () => {
    const halt = new Halt();
    const network = interruptible(slow([]), () => halt.pass());
    halt.halt();
    const answer = expect(network.predict(images)).rejects.toThrow(GivenUp);
    halt.giveUp();
    await answer;
    await expect(network.predict(images)).rejects.toThrow(GivenUp);
  });
});
