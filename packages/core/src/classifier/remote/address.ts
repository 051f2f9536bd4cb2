/** @file Addresses: the path, apart from the server before it and the query behind it. */

const PARTS = /^(\w+:\/\/[^/?#]*)([^?#]*)(\?[^#]*)?/;

/** The path of an address. */
export function pathOf(address: string): string {
  return PARTS.exec(address)?.[2] ?? '';
}

/** The same address with another path; the query stays. */
export function withPath(address: string, change: (path: string) => string): string {
  const [, server = '', path = '', query = ''] = PARTS.exec(address) ?? [];
  return `${server}${change(path)}${query}`;
}
