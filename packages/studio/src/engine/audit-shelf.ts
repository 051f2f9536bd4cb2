/** @file Where finished audits are kept, and audits of others are found. */

import type { Audited } from '@pareidolia/lab';
import type { AuditStatus } from './audit-views.ts';

/** Finished audits that outlive an engine: those of a server are folders. */
export interface AuditShelf {
  /** Where each stands, the newest one first. */
  list(): Promise<readonly AuditStatus[]>;
  /**
   * One of them with its pictures.
   *
   * @param audit an id of the list
   * @throws InputError where there is none, or it cannot be read
   */
  open(audit: string): Promise<Audited>;
  /**
   * Puts one aside.
   *
   * @returns its id, which is the folder in words, too
   */
  keep(audited: Audited): Promise<string>;
}
