import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakePlan } from '../testing/fake-campaign.ts';
import { epochsOf, unitCount, unitOf } from './unit.ts';
import { type Finished, type ReadyUnit, type Shard, shardOf, Unroller } from './unroll.ts';

const plan = fakePlan().plan;
const all = plan.tasks.reduce((sum, task) => sum + unitCount(task)!, 0);

/** What a unit would come to: its name, and whether it is the last of its island. */
function resultOf({ unit }: ReadyUnit): Finished {
  if (unit.kind !== 'search') throw new Error('only searches');
  return { object: unit.key, last: unit.epoch + 1 === epochsOf(unit.task) };
}

/** Finishes units in an order that numbers choose; stops after so many. */
function unroll(choices: readonly number[], most: number, shard?: Shard, known = new Map<string, Finished>()) {
  const done = new Map(known);
  const unroller = new Unroller(shardOf(plan, shard), (key) => known.get(key));
  const out: ReadyUnit[] = [];
  const handed: ReadyUnit[] = [];
  for (let step = 0; done.size - known.size < most; step++) {
    for (let ready = unroller.next(); ready !== undefined; ready = unroller.next()) {
      out.push(ready);
      handed.push(ready);
    }
    if (out.length === 0) break;
    const [ready] = out.splice((choices[step % choices.length] ?? 0) % out.length, 1);
    done.set(ready!.unit.key, resultOf(ready!));
    unroller.finished(ready!.unit.key, resultOf(ready!));
  }
  return { done, handed };
}

const choices = fc.array(fc.nat(100), { minLength: 1, maxLength: 40 });

describe('a plan', () => {
  it('is unrolled to each of its units once, in whatever order they end', () => {
    fc.assert(
      fc.property(choices, (order) => {
        const { done, handed } = unroll(order, Number.POSITIVE_INFINITY);
        expect(done.size).toBe(all);
        expect(new Set(handed.map(({ unit }) => unit.key)).size).toBe(handed.length);
        for (const { unit } of handed) expect(unitOf(plan, unit.key)).toEqual(unit);
      }),
    );
  });

  it('goes on where it was left, with the same inputs', () => {
    const whole = new Map(unroll([0], Number.POSITIVE_INFINITY).handed.map((ready) => [ready.unit.key, ready]));
    fc.assert(
      fc.property(choices, fc.nat(all), (order, most) => {
        const { done } = unroll(order, most);
        const { handed } = unroll(order, Number.POSITIVE_INFINITY, undefined, done);
        expect(handed).toHaveLength(all - done.size);
        for (const ready of handed) expect(ready).toEqual(whole.get(ready.unit.key));
      }),
    );
  });

  it('begins an epoch when all islands that exchange elites have ended the one before', () => {
    const { handed } = unroll([0], Number.POSITIVE_INFINITY);
    const second = handed.find(({ unit }) => unit.key === 'together/share-0/seed-2/epoch-1')!;
    expect(second.previous).toBe('together/share-0/seed-2/epoch-0');
    expect(second.exchanged).toEqual([1, 2, 3].map((seed) => `together/share-0/seed-${seed}/epoch-0`));
    const alone = handed.find(({ unit }) => unit.key === 'apart/share-1/seed-5/epoch-1')!;
    expect(alone.exchanged).toBeUndefined();
  });

  it('is divided into shards that have each unit once between them', () => {
    for (const of of [1, 2, 3, 7]) {
      const keys = Array.from({ length: of }, (_, i) => [
        ...unroll([1], Number.POSITIVE_INFINITY, { index: i + 1, of }).done.keys(),
      ]).flat();
      expect(keys).toHaveLength(all);
      expect(new Set(keys).size).toBe(all);
    }
  });

  it('has no unit of another name', () => {
    for (const key of [
      '',
      'x',
      'together',
      'together/share-0/seed-1/epoch-3',
      'together/share-1/seed-1/epoch-0',
      'together/share-00/seed-1/epoch-0',
      '../../etc/passwd',
    ]) {
      expect(unitOf(plan, key)).toBeUndefined();
    }
  });
});
