/** @file Reads Python literals, as `str()` of a dictionary or list writes them into the metadata of a model. */

/** How deep a literal may be nested; far beyond what anybody writes. */
const DEEPEST = 32;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * The value of a literal: dictionaries as objects (their keys as texts), lists and tuples as arrays. JSON is read too.
 *
 * @returns `undefined` where the text is no literal
 */
export function pythonLiteral(text: string): unknown {
  try {
    const reader = new Reader(text);
    const value = reader.value(0);
    return reader.isAtEnd() ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#match(/\s*/y);
    return this.#at === this.#text.length;
  }

  /** @throws SyntaxError */
  value(depth: number): unknown {
    if (depth > DEEPEST) throw new SyntaxError('nested too deep');
    if (this.#takes('{')) return this.#dictionary(depth);
    if (this.#takes('[')) return this.#list(']', depth);
    if (this.#takes('(')) return this.#list(')', depth);
    const quote = this.#takes("'") ? "'" : this.#takes('"') ? '"' : undefined;
    if (quote !== undefined) return this.#string(quote);
    const word = this.#match(/[\w.+-]+/y);
    if (WORDS.has(word)) return WORDS.get(word);
    const number = Number(word);
    if (word === '' || Number.isNaN(number)) throw new SyntaxError('no literal');
    return number;
  }

  #dictionary(depth: number): unknown {
    const entries: [string, unknown][] = [];
    while (!this.#takes('}')) {
      if (entries.length > 0) this.#needs(',');
      if (this.#takes('}')) break;
      const key = this.value(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number') throw new SyntaxError('no key');
      this.#needs(':');
      entries.push([String(key), this.value(depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  #list(end: string, depth: number): unknown[] {
    const values: unknown[] = [];
    while (!this.#takes(end)) {
      if (values.length > 0) this.#needs(',');
      if (this.#takes(end)) break;
      values.push(this.value(depth + 1));
    }
    return values;
  }

  #string(quote: string): string {
    let value = '';
    for (;;) {
      const next = this.#text[this.#at++];
      if (next === undefined) throw new SyntaxError('no end of a text');
      if (next === quote) return value;
      value += next === '\\' ? this.#escape() : next;
    }
  }

  #escape(): string {
    const code = this.#match(/x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}/y);
    if (code !== '') {
      const point = Number.parseInt(code.slice(1), 16);
      if (point > 0x10ffff) throw new SyntaxError('no such letter');
      return String.fromCodePoint(point);
    }
    const letter = this.#text[this.#at++] ?? '';
    return ESCAPES[letter] ?? `\\${letter}`;
  }

  #takes(sign: string): boolean {
    this.#match(/\s*/y);
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #needs(sign: string): void {
    if (!this.#takes(sign)) throw new SyntaxError(`no ${sign}`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}
