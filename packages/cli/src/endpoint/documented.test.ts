import { readFileSync } from 'node:fs';
import { parseCard } from '@pareidolia/core';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../../docs/endpoints.md', import.meta.url), 'utf8');
const cards = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => json!);

it('has four cards in its documentation', () => {
  expect(cards.length).toBe(4);
});

it.each(cards)('takes the cards of its documentation: %s', (json) => {
  expect(parseCard(JSON.parse(json)).endpoint).toBeDefined();
});
