import { describe, expect, it } from 'vitest';
import { ARCHIVES, archiveNamed } from '../archive/index.ts';
import { ATTACKS, attackNamed } from '../attack/index.ts';
import { DEFENCES, defenceNamed } from '../defence/index.ts';
import { DETECTORS, detectorNamed } from '../detector/index.ts';
import { EMITTERS, emitterNamed } from '../emitter/index.ts';
import { ENCODINGS, encodingNamed } from '../encoding/index.ts';
import { InputError } from '../errors.ts';
import { GARBAGE, garbageNamed } from '../garbage/index.ts';
import { GAN_ARCHITECTURES, ganArchitectureNamed } from '../network/gan/index.ts';
import { closestName, unknownName } from './names.ts';

const SPORTS = ['rugby', 'hockey', 'iso-line', 'pgd', 'apgd', 'fab-t'];

it.each([
  ['hokey', 'hockey'],
  ['RUGBY', 'rugby'],
  ['isoline', 'iso-line'],
  ['iso line', 'iso-line'],
  ['pdg', 'pgd'],
  ['fabt', 'fab-t'],
])('%s was to be %s', (name, meant) => {
  expect(closestName(name, SPORTS)).toBe(meant);
});

it.each(['', 'chess', 'x', '---', 'qqqqqqqq'])('nothing is guessed for "%s"', (name) => {
  expect(closestName(name, SPORTS)).toBeUndefined();
  expect(unknownName('sport', name, SPORTS)).not.toContain('did you mean');
});

it('nothing is guessed where two names are as near', () => {
  expect(closestName('cat', ['bat', 'rat'])).toBeUndefined();
});

describe('every list of names', () => {
  it.each([
    ['archive', ARCHIVES, archiveNamed],
    ['attack', ATTACKS, attackNamed],
    ['defence', DEFENCES, defenceNamed],
    ['detector', DETECTORS, detectorNamed],
    ['emitter', EMITTERS, emitterNamed],
    ['encoding', ENCODINGS, encodingNamed],
    ['source of garbage', GARBAGE, garbageNamed],
    ['architecture', GAN_ARCHITECTURES, ganArchitectureNamed],
  ] as const)('says which %s was probably meant, and which there are', (_, kinds, named) => {
    const names = (kinds as readonly { readonly name: string }[]).map(({ name }) => name);
    const longest = names.toSorted((a, b) => b.length - a.length)[0]!;
    const ask = () => named(`${longest}q`);
    expect(ask).toThrow(InputError);
    expect(ask).toThrow(`"${longest}q" (did you mean ${longest}?); choose one of ${names.join(', ')}`);
  });
});
