import { InputError } from '@pareidolia/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finding } from '../../testing/audit-sample.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import { countFindings } from './finding-counts.ts';
import { type GateError, judgeGate, parseGates, radiiOf } from './gate.ts';

/** The place, from 0 on, that the error of a wrong text names; `undefined` where it is right. */
function placeOf(text: string): number | undefined {
  try {
    parseGates(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const [, place] = /^The gate is wrong at character (\d+), at (?:".*"|its end): ./.exec(
      (error as InputError).message,
    )!;
    expect((error as GateError).at).toBe(Number(place) - 1);
    return Number(place) - 1;
  }
}

const operator = fc.constantFrom('<', '<=', '>', '>=');
const space = fc.constantFrom('', ' ', '\t');
const share = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((value) => `${value}%`),
  fc.integer({ min: 0, max: 100 }).map((value) => `${value} %`),
  fc.constantFrom('0', '1', '0.25', '.5', '1e-3'),
);
const ofShare = fc.tuple(
  fc.constantFrom('accuracy', 'garbage', 'garbage.uniform-noise', 'refused'),
  space,
  operator,
  space,
  share,
);
const ofNumber = fc.tuple(
  fc.constantFrom('questions.evolved', 'distance.l2', 'findings.high'),
  space,
  operator,
  space,
  fc.constantFrom('0', '12', '0.5', '1e4'),
);
const ofBall = fc.tuple(
  fc.constantFrom('robust@8/255', 'robust@0.3', 'robust@l2:.5', 'robust@linf:1e-2'),
  space,
  operator,
  space,
  share,
);
const gate = fc
  .tuple(space, fc.oneof(ofShare, ofNumber, ofBall), space)
  .map(([before, parts, after]) => before + parts.join('') + after);
const gates = fc.array(gate, { minLength: 1, maxLength: 4 }).map((all) => all.join(','));

/** Texts that end a gate that was begun, wherever it stands. */
const ENDINGS = ['', '%', '>1', '@8/255>1', '1', '=1', '8/255>1', '5>1', 'garbage>1', '255>1', 'e1', '2:1>1'];

describe('gates', () => {
  it('are read as they were meant', () => {
    expect(parseGates('garbage>1%, robust@l2:0.5 <= 40 %,questions.evolved<100')).toEqual([
      { text: 'garbage>1%', figure: 'garbage', operator: '>', limit: 0.01 },
      {
        text: 'robust@l2:0.5 <= 40 %',
        figure: 'robust@l2:0.5',
        operator: '<=',
        limit: 0.4,
        ball: { norm: 'l2', epsilon: 0.5 },
      },
      { text: 'questions.evolved<100', figure: 'questions.evolved', operator: '<', limit: 100 },
    ]);
  });

  it('on one radius are of one figure, however it was written', () => {
    const ids = parseGates('robust@8/255<1,robust@16/510<1,robust@linf:8/255<1').map(({ figure }) => figure);
    expect(new Set(ids)).toEqual(new Set(['robust@linf:8/255']));
  });

  it('that are good are taken, each with its text', () => {
    fc.assert(
      fc.property(gates, (text) => {
        expect(parseGates(text).map((each) => each.text)).toEqual(text.split(',').map((part) => part.trim()));
      }),
    );
  });

  it('that are not are refused at a place before which nothing is wrong', () => {
    fc.assert(
      fc.property(
        gates,
        fc.nat(),
        fc.constantFrom('', '!', '%', '@', '<', '=', ',', 'x', '-', '\u001b', '😀'),
        fc.boolean(),
        (good, at, put, replaces) => {
          const place = at % (good.length + 1);
          const text = good.slice(0, place) + put + good.slice(place + (replaces ? 1 : 0));
          const wrong = placeOf(text);
          if (wrong === undefined) return;
          const start = text.slice(0, wrong);
          const canEnd =
            ENDINGS.some((ending) => placeOf(start + ending) === undefined) ||
            placeOf(`${start}garbage>1`) === undefined;
          expect(canEnd).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['', 0],
    ['garbage>1%,', 11],
    ['garbage>1%,,refused>1', 11],
    ['garbadge>1%', 0],
    ['garbage>1%,garbadge>1%', 11],
    ['garbage', 7],
    ['garbage=1', 7],
    ['garbage>', 8],
    ['garbage>x', 8],
    ['garbage>>1', 8],
    ['garbage>1%%', 10],
    ['garbage>1% refused>1%', 11],
    ['garbage>101%', 8],
    ['garbage>-1%', 8],
    ['garbage@8/255>1%', 7],
    ['robust<40%', 6],
    ['robust@<40%', 7],
    ['robust@0<40%', 7],
    ['robust@8/0<40%', 7],
    ['robust@l3:1<40%', 7],
    ['robust@8/255x<40%', 12],
    ['questions.evolved<5%', 19],
  ])('%j is wrong at %d', (text, place) => {
    expect(placeOf(text)).toBe(place);
  });

  it('are shown from where they are wrong', () => {
    expect(() => parseGates('garbage>1%,garbadge>1%')).toThrow('at character 12, at "garbadge>1%": there is no figure');
    expect(() => parseGates('garbage>')).toThrow('at character 9, at its end: a number is missing');
  });

  it('tell the radii that they ask about', () => {
    expect(radiiOf(parseGates('robust@0.3<1,robust@0.1<1,robust@0.3<.5,robust@l2:2<1,garbage>0'))).toEqual({
      linf: [0.1, 0.3],
      l2: [2],
    });
  });
});

describe('a gate', () => {
  const judge = (text: string, ...figures: readonly Figure[]) =>
    judgeGate(parseGates(text)[0]!, new Map(figures.map((figure) => [figure.id, figure])));
  const garbage = (hits: number, doubt?: string) =>
    shareFigure({ id: 'garbage', title: 'Garbage', better: 'lower' }, hits, 100, doubt);

  it.each([
    ['garbage>1%', 2, 'fail'],
    ['garbage>1%', 1, 'pass'],
    ['garbage>=1%', 1, 'fail'],
    ['garbage<1%', 0, 'fail'],
    ['garbage<1%', 1, 'pass'],
    ['garbage<=1%', 1, 'fail'],
  ])('%s with %d of 100: %s', (text, hits, state) => {
    expect(judge(text, garbage(hits)).state).toBe(state);
  });

  it('passes only with what was shown', () => {
    expect(judge('garbage>1%').state).toBe('inconclusive');
    expect(judge('garbage>1%', missingFigure(garbage(0), 'share', 'No confidences'))).toMatchObject({
      state: 'inconclusive',
      sentence: 'No confidences, so the gate is not passed',
    });
    expect(judge('garbage>1%', garbage(0, 'Only a bound')).state).toBe('inconclusive');
    expect(judge('garbage>1%', garbage(50, 'Only a bound')).state).toBe('fail');
  });

  it('says where the interval reaches over the limit', () => {
    expect(judge('garbage>1%', garbage(0)).sentence).toContain('the interval reaches over the limit');
    expect(judge('garbage>5%', garbage(0)).sentence).not.toContain('reaches over');
  });

  it('of numbers without a unit shows them as they are printed elsewhere', () => {
    const distance = numberFigure({ id: 'distance.l2', title: 'Distance', better: 'higher' }, 'distance', 1.23456);
    expect(judge('distance.l2<1', distance).sentence).toBe('Distance is 1.23; the gate fails at < 1');
  });

  it('may count findings', () => {
    const open = finding({ state: 'inconclusive', severity: 'none' });
    const counts = countFindings([finding(), finding(), finding({ severity: 'low' }), open]);
    const states = ['high>1', 'high>2', 'medium>0', 'low>0', 'inconclusive>=1'].map(
      (text) => judge(`findings.${text}`, ...counts).state,
    );
    expect(states).toEqual(['fail', 'pass', 'pass', 'fail', 'fail']);
  });
});
