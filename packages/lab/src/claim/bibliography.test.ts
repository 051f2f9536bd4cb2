import { expect, it } from 'vitest';
import { bibtex } from './bibliography.ts';
import { CLAIMS } from './registry.ts';

it('every claim says what to cite, and a paper that several are from comes once', () => {
  for (const { name, papers = [] } of CLAIMS) expect(papers.length, name).toBeGreaterThan(0);
  const text = bibtex(CLAIMS, '1.2.3');
  expect(text.match(/@inproceedings\{nguyen2015fooled,/g)).toHaveLength(1);
  expect(text).toContain('  eprint = {1412.1897},');
  expect(text).toContain('  version = {1.2.3},');
  // Braces of BibTeX must pair, or the rest of the file is lost.
  expect(text.split('{').length).toBe(text.split('}').length);
});
