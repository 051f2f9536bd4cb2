/** @file HTML as a type of its own, so that text cannot get into the page unescaped. */

/** A piece of HTML. Made only by {@link html} and {@link trusted}. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Part = string | number | Html | readonly Html[];

/** A template of HTML: whatever is put in is escaped, unless it is {@link Html} itself; lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const filled = strings.map((text, index) => text + (index < parts.length ? markupOf(parts[index]!) : ''));
  return new Html(filled.join(''));
}

/** Markup that is ours, taken as it stands: styles, the script, charts. Never call it with text from data. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.toString();
  if (typeof part === 'object') return part.join('');
  return escapeText(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What turns the direction of all that follows (UAX #9), and control characters, which neither HTML nor SVG may hold. */
const CONTROLS = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** Text as HTML, fit for elements and for quoted attributes; control characters show as replacement characters. */
export function escapeText(text: string): string {
  return text.replace(CONTROLS, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
