/** @file The parts of an audit as bytes: what one came to, and which there are. */

import { InputError, type Recordable } from '@pareidolia/core';
import { z } from 'zod';
import { isRecordable, readRecordable, writeRecordable } from '../../job/recordable.ts';
import { HASH } from '../plan/resolved-plan.ts';
import { pack, unpack } from './pack.ts';

/** What a part came to; or why it cannot be had, which is a finding of the audit as well: a sentence. */
export type AuditPart = { readonly result: Recordable } | { readonly refused: string };

const part = z.union([
  z.strictObject({ kind: z.literal('audit-part'), result: z.unknown() }),
  z.strictObject({ kind: z.literal('audit-part'), refused: z.string().max(10_000) }),
]);

export function writeAuditPart(came: AuditPart): Uint8Array {
  const content = 'refused' in came ? came : { result: writeRecordable(came.result) };
  return pack({ kind: 'audit-part', ...content }, []);
}

/** @throws InputError where it is none */
export function readAuditPart(bytes: Uint8Array): AuditPart {
  const found = part.safeParse(unpack(bytes).header);
  if (!found.success) throw new InputError('It is no part of an audit');
  if ('refused' in found.data) return { refused: found.data.refused };
  const result = readRecordable(found.data.result);
  if (!isRecordable(result)) throw new InputError('It is no part of an audit');
  return { result };
}

const index = z.strictObject({
  kind: z.literal('audit-index'),
  parts: z.array(z.tuple([z.string().max(400), HASH])).max(1_000_000),
});

/** The parts of an audit that are known: hashes of their results by their keys within it. */
export function writeAuditIndex(parts: Iterable<readonly [key: string, hash: string]>): Uint8Array {
  // The same parts give the same bytes, in whatever order they were done.
  const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  return pack({ kind: 'audit-index', parts: sorted }, []);
}

/** @throws InputError where it is none */
export function readAuditIndex(bytes: Uint8Array): ReadonlyMap<string, string> {
  const found = index.safeParse(unpack(bytes).header);
  if (!found.success) throw new InputError('It does not say which parts of an audit there are');
  return new Map(found.data.parts);
}
