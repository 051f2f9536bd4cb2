/** @file Which engine the page has: that of the server it comes from, or its own. */

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

/** Takes the token out of the address, so that nobody reads it there, and keeps it for reloads. */
function takeToken(): string {
  const address = new URLSearchParams(location.hash.slice(1));
  const given = address.get('token');
  if (given !== null) {
    sessionStorage.setItem(TOKEN, given);
    address.delete('token');
    const rest = address.toString();
    history.replaceState(null, '', rest === '' ? location.pathname : `#${rest}`);
  }
  return given ?? sessionStorage.getItem(TOKEN) ?? '';
}
