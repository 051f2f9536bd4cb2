/** @file What a pupil's page asks the server for. */

import type { PupilView } from '@pareidolia/studio';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';

/** A request that was refused, in a sentence. */
export class Refused extends Error {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** @throws Refused with what the server says; another Error where it does not answer */
async function ask(path: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
  const response = await fetch(`api/class/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/msgpack' },
    body: encodeMessage(fields),
  }).catch((cause: unknown) => {
    throw new Error('The server does not answer; trying again', { cause });
  });
  const answer = decodeMessage(new Uint8Array(await response.arrayBuffer()));
  if (!response.ok) throw new Refused(response.status, (answer as { readonly error: string }).error);
  return answer;
}

/** @returns the secret that stands for the pupil from now on */
export async function join(code: string): Promise<string> {
  return ((await ask('join', { code })) as { readonly pupil: string }).pupil;
}

/** @param has place of the question that the page has already */
export async function look(pupil: string, has?: number): Promise<PupilView> {
  return (await ask('look', { pupil, ...(has === undefined ? {} : { has }) })) as PupilView;
}

export async function answer(pupil: string, place: number, choice: number): Promise<PupilView> {
  return (await ask('answer', { pupil, place, choice })) as PupilView;
}
