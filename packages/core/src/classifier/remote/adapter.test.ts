import { describe, expect, it } from 'vitest';
import { parseCard } from '../card.ts';
import { withoutSecrets } from './adapter.ts';

const image = { color: 'rgb', height: 8, width: 8 };
const endpoint = { json: { image: '{{png}}' }, scores: 'scores' };
const card = (changes: object) => parseCard({ ...image, endpoint: { ...endpoint, ...changes } });

describe('an adapter in a card', () => {
  it('has defaults', () => {
    expect(card({}).endpoint).toEqual({ ...endpoint, batch: 1 });
  });

  it.each([
    [{ png: true }, 'endpoint.json: give one of json, multipart and png'],
    [{ json: undefined }, 'endpoint.json: give one of json, multipart and png'],
    [{ json: { image: 'png' } }, 'endpoint.json: must hold exactly one of {{png}}, {{dataUrl}}, {{numbers}}'],
    [{ json: ['{{png}}', '{{numbers}}'] }, 'endpoint.json: must hold exactly one'],
    [{ label: 'label' }, 'endpoint.scores: give one of scores and label'],
    [{ scores: undefined }, 'endpoint.scores: give one of scores and label'],
    [{ scores: 'a..b' }, 'endpoint.scores: is no path'],
    [{ scores: undefined, label: 'a', names: 'b' }, 'endpoint.names: belongs to scores'],
    [{ batch: 8, json: { images: ['{{png}}'] } }, 'endpoint.each: is needed'],
    [{ batch: 8, each: 'results' }, 'endpoint.batch: needs json with an array'],
    [{ batch: 0 }, 'endpoint.batch'],
    [{ url: 'https://host' }, 'url'],
    [{ headers: { Authorization: 'Bearer 123' } }, 'endpoint.headers: Authorization is a secret'],
    [{ headers: { 'X-Api-Key': '123' } }, 'endpoint.headers: X-Api-Key is a secret'],
  ])('is refused with the field: %j', (changes, message) => {
    expect(() => card(changes)).toThrow(message);
  });

  it('is kept without values of headers that come from no variable', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a card
    const headers = { Authorization: 'Bearer ${TOKEN}', 'X-Client': 'hush' };
    expect(withoutSecrets(card({ headers }).endpoint!).headers).toEqual({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a card
      Authorization: 'Bearer ${TOKEN}',
      'X-Client': '***',
    });
  });
});
