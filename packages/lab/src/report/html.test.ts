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

  it('lets no text turn what follows around, and holds no control characters, which SVG may not', () => {
    expect(escapeText('gnp.\u202eexe\u0000\u001b[2J\u009b\u2066')).toBe('gnp.\ufffdexe\ufffd\ufffd[2J\ufffd\ufffd');
    expect(escapeText('שלום\u200f, a\tb\nc')).toBe('שלום\u200f, a\tb\nc');
  });
});
