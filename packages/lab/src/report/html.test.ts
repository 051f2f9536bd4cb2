import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, html, trusted } from './html.ts';

describe('a template of HTML', () => {
  it('escapes text, in elements and in attributes', () => {
    expect(html`<b title="${'"><i>'}">${'<script>&'}</b>`.toString()).toBe(
      '<b title="&quot;&gt;&lt;i&gt;">&lt;script&gt;&amp;</b>',
    );
  });

  it('takes HTML as it stands and joins lists of it', () => {
    expect(html`<ul>${['a', '<'].map((text) => html`<li>${text}</li>`)}${trusted('<hr>')}</ul>`.toString()).toBe(
      '<ul><li>a</li><li>&lt;</li><hr></ul>',
    );
  });

  it('leaves no character in text that could end an element or an attribute', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeText(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});
