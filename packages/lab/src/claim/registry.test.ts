import { expect, it } from 'vitest';
import type { Claim } from './claim.ts';
import { CLAIMS, claimNamed } from './registry.ts';

it('every claim has a sentence, a published figure and its source', () => {
  for (const { name, claim, published, source } of CLAIMS) {
    expect(name).toMatch(/^[a-z-]+$/);
    for (const text of [claim, published, source]) expect(text.length).toBeGreaterThan(20);
  }
});

it('no two claims share a name or an earlier name', () => {
  const names = CLAIMS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  for (const claim of CLAIMS) {
    for (const name of [claim.name, ...(claim.aliases ?? [])]) expect(claimNamed(name)).toBe(claim);
  }
  expect(claimNamed('nothing')).toBeUndefined();
});

it('a claim is still found by the name it had', () => {
  expect(claimNamed('told-the-class')?.name).toBe('recognizability');
});

it('claims of others are found beside the built-in ones', () => {
  const foreign: Claim = {
    name: 'foreign',
    title: '',
    claim: '',
    published: '',
    source: '',
    run: async () => ({ skipped: 'nothing to measure' }),
  };
  expect(claimNamed('foreign', [...CLAIMS, foreign])).toBe(foreign);
});
