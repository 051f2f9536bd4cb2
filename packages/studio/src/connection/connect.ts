/** @file Which engine the page has: that of the server it comes from, or its own. */

import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
import type { Client } from './client.ts';
import { chosenDevice } from './device.ts';
import { pageClient } from './page-client.ts';
import { serverClient } from './server-client.ts';

const TOKEN = 'pareidolia-token';

/** The server marks the pages that it serves. */
export function isServed(): boolean {
  return document.documentElement.dataset.engine === 'server';
}

export function connectEngine(): Client {
  return isServed() ? serverClient(takeToken()) : pageClient(chosenDevice());
}

/** Takes the token, or the code that is exchanged for it, out of the address, and keeps it for reloads. */
async function takeToken(): Promise<string> {
  const address = new URLSearchParams(location.hash.slice(1));
  const [given, code] = [address.get('token'), address.get('code')];
  if (given !== null || code !== null) {
    address.delete('token');
    address.delete('code');
    const rest = address.toString();
    // So that nobody reads it there.
    history.replaceState(null, '', rest === '' ? location.pathname : `#${rest}`);
  }
  const token = given ?? (code === null ? undefined : await exchange(code));
  if (token !== undefined) sessionStorage.setItem(TOKEN, token);
  return token ?? sessionStorage.getItem(TOKEN) ?? '';
}

async function exchange(code: string): Promise<string | undefined> {
  const response = await fetch('api/exchange', {
    method: 'POST',
    headers: { 'Content-Type': 'application/msgpack' },
    body: encodeMessage({ code }),
  }).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  return (decodeMessage(new Uint8Array(await response.arrayBuffer())) as { readonly token: string }).token;
}
