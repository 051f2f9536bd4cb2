/**
 * @file Who may talk to the server: a page that it served itself, opened with the token. A name that an attacker
 * points here (DNS rebinding) is recognized by its Host header, another site's page by its Origin.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { InputError } from '@pareidolia/core';
import { hasToken } from './token.ts';

/** A refusal: its HTTP status and a sentence. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** The names under which a server is reached, as in a Host header without the port. */
export function hostNames(address: string): readonly string[] {
  const bracketed = (one: string): string => (one.includes(':') ? `[${one}]` : one);
  if (LOOPBACK.includes(bracketed(address))) return LOOPBACK;
  const everywhere = address === '0.0.0.0' || address === '::';
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => bracketed(one.address)));
  return [...LOOPBACK, ...(everywhere ? [hostname().toLowerCase(), ...own] : [bracketed(address).toLowerCase()])];
}

/**
 * Names under which a server may be opened, as in a Host header without the port: where it listens everywhere, first those that other
 * machines on the network reach it by.
 *
 * @param interfaces of this machine
 */
export function reachableAddresses(address: string, interfaces = networkInterfaces()): readonly string[] {
  if (address !== '0.0.0.0' && address !== '::') return [address.includes(':') ? `[${address}]` : address];
  const all = Object.values(interfaces).flatMap((list) => list ?? []);
  const outside = all.filter(({ internal, family }) => !internal && (family === 'IPv4' || address === '::'));
  // Addresses of the link alone (fe80::) need the name of an interface, which differs from machine to machine.
  const named = outside.filter(({ address: own }) => !/^fe80:/i.test(own));
  const written = named
    .sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'))
    .map(({ address: own }) => (own.includes(':') ? `[${own}]` : own));
  return [...written, 'localhost'];
}

/**
 * What the user should know of an address that is listened on; `undefined` where only this machine reaches it.
 *
 * @throws InputError where it is empty, which would be every address
 */
export function addressWarning(address: string): string | undefined {
  if (address.trim() === '') {
    throw new InputError('--host is empty; give an address such as 127.0.0.1, or 0.0.0.0 for all of this machine');
  }
  if (/^(127\.\d+\.\d+\.\d+|::1|localhost)$/i.test(address)) return undefined;
  return `${address} is reached from other machines, over plain HTTP: whoever is on the way can read the token, and with it do all that the studio can`;
}

/** What is asked for, as the router understood it: an address has many spellings. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  /** A page or one of its files, which anybody may have, or nothing at all; everything else needs the token. */
  readonly isPage: boolean;
}

/** @returns why a request is refused; `undefined` where it is not */
export function refuse(
  { headers, method, isPage }: Asked,
  { names, port, token }: { readonly names: readonly string[]; readonly port: number; readonly token: string },
): Refusal | undefined {
  // Browsers leave the port of HTTP out.
  const plain = (place: string): string => place.toLowerCase().replace(/:80$/, '');
  const host = plain(headers.host ?? '');
  if (!names.some((name) => plain(`${name}:${port}`) === host))
    return { status: 403, error: 'This name is not one of the server; open the address that the command printed' };
  const { origin } = headers;
  if (origin !== undefined && plain(origin) !== `http://${host}`) {
    return { status: 403, error: 'Pages of other sites may not ask this server' };
  }
  const site = headers['sec-fetch-site'];
  const opening = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && isPage;
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opening) {
    return { status: 403, error: 'Pages of other sites may not ask this server' };
  }
  if (!isPage && !hasToken(headers.authorization, token)) {
    return { status: 401, error: 'The token is missing or wrong; open the address that the command printed' };
  }
  return undefined;
}
