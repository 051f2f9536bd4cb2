/** @file The address of an endpoint as the user gives it, and what of it is a secret. */

import { InputError } from '@pareidolia/core';

/** An address with its secrets apart. */
export interface EndpointAddress {
  /** What is called: without user and password. */
  readonly url: string;
  /** Of user and password; `undefined` where the address has none. */
  readonly authorization: string | undefined;
  /** For messages and reports: without user, password and query. */
  readonly where: string;
  /** What a run folder may hold: user, password and values of the query are `***`, variables of the environment stay variables. */
  readonly stored: string;
  /** A short name, fit for files. */
  readonly name: string;
  /** All that must not be written anywhere, in every form in which a server might send it back. */
  readonly secrets: readonly string[];
}

/** What stands for a secret in {@link EndpointAddress.stored}. */
const HIDDEN = '***';
const PARTS = /^(https?:\/\/)(?:([^/?#]*)@)?([^/?#@]+)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/i;
const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;

/** Whether a model is named by an address, not by a file. */
export function isAddress(model: string | undefined): model is string {
  return model !== undefined && /^https?:\/\//i.test(model);
}

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${NAME}` by variables of the environment.
 *
 * @param used told of each value
 * @throws InputError where a variable is not set, or has line breaks
 */
export function expand(text: string, environment: Environment, used: (value: string) => void = () => {}): string {
  return text.replaceAll(VARIABLE, (_, name: string) => {
    const value = environment[name];
    if (value === undefined || value === '') {
      throw new InputError(
        `The variable ${name} of the environment is not set, and the endpoint needs it; set it before`,
      );
    }
    if (/[\r\n\0]/.test(value))
      throw new InputError(`The variable ${name} of the environment has a line break; mend it`);
    used(value);
    return value;
  });
}

/**
 * Takes an address apart.
 *
 * @throws InputError where it is none, or a secret is missing
 */
export function readAddress(given: string, environment: Environment): EndpointAddress {
  const [, scheme = '', user, host = '', path = '', query] = PARTS.exec(given.trim()) ?? [];
  const where = `${scheme}${host}${path}`;
  if (host === '') throw new InputError('--model is no address; write https://host/path');
  const stored = `${scheme}${user === undefined ? '' : `${keepVariables(user)}@`}${host}${path}${
    query === undefined ? '' : `?${query.split('&').map(hiddenPart).join('&')}`
  }`;
  if (user?.includes(HIDDEN) || query?.includes(HIDDEN)) {
    throw new InputError(
      `The secrets in the address of ${where} are not kept in run folders; give --model again, or write them as \${NAME}, a variable of the environment`,
    );
  }
  const values: string[] = [];
  const open = (text: string): string => expand(text, environment, (value) => values.push(value));
  let url: URL;
  try {
    url = new URL(`${scheme}${open(host)}${open(path)}${query === undefined ? '' : `?${openQuery(query, open)}`}`);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${where} is no address; write https://host/path`);
  }
  const credentials = user === undefined ? undefined : decoded(open(user));
  const authorization = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const parts = [
    ...values,
    ...(user === undefined ? [] : [user, ...user.split(':'), credentials!, ...credentials!.split(':')]),
    ...(authorization === undefined ? [] : [authorization.slice('Basic '.length)]),
    ...(query ?? '').split('&').map((part) => part.slice(part.indexOf('=') + 1)),
    ...url.searchParams.values(),
  ];
  const secrets = [...new Set(parts.flatMap((part) => [part, encodeURIComponent(part), decoded(part)]))]
    .filter((part) => part !== '')
    .sort((a, b) => b.length - a.length);
  return { url: url.href, authorization, where, stored, name: shortName(where), secrets };
}

/** Takes secrets out of a text. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}

/** User and password; variables stay. */
function keepVariables(user: string): string {
  return user
    .split(':')
    .map((part) => (isVariables(part) ? part : HIDDEN))
    .join(':');
}

function hiddenPart(part: string): string {
  const at = part.indexOf('=');
  if (at < 0) return isVariables(part) ? part : HIDDEN;
  const value = part.slice(at + 1);
  return `${part.slice(0, at + 1)}${isVariables(value) ? value : HIDDEN}`;
}

/** Whether a text is made of nothing but variables. */
function isVariables(text: string): boolean {
  return text.replaceAll(VARIABLE, '') === '';
}

function openQuery(query: string, open: (text: string) => string): string {
  return query.replaceAll(VARIABLE, (variable) => encodeURIComponent(open(variable)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The model's name in the path, else the server's. */
function shortName(where: string): string {
  const named = /\/models\/([^/:]+)/.exec(where)?.[1];
  const host = where.replace(/^\w+:\/\//, '').replace(/\/.*/s, '');
  const text = named ?? host;
  return text.replaceAll(/[^\w.-]+/g, '-').slice(0, 60) || 'endpoint';
}
