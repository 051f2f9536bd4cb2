/** @file The parts of audits that are done, and the list of them as an object: what other parts go on from, and what an audit ends with. */

import { sha256 } from '../../job/hash.ts';
import type { ObjectStore } from '../store/store.ts';
import { writeAuditIndex } from '../units/audit-object.ts';
import type { AuditShard } from '../units/unit.ts';

export class AuditParts {
  readonly #objects: ObjectStore;
  /** Hashes by the keys of parts, by the names of audits. */
  readonly #parts = new Map<string, Map<string, string>>();

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  add({ task, part }: AuditShard, object: string): void {
    const parts = this.#parts.get(task.name) ?? new Map<string, string>();
    this.#parts.set(task.name, parts.set(part!, object));
  }

  /** Hashes of an audit's parts by their keys within it, in the order in which they came. */
  of(name: string): ReadonlyMap<string, string> {
    return this.#parts.get(name) ?? new Map();
  }

  /**
   * Lists the parts of an audit.
   *
   * @param lasts whether the list has to outlive a power cut; while the audit goes on it is made again where it is gone
   * @returns its hash
   */
  async list(name: string, lasts: boolean): Promise<string> {
    const bytes = writeAuditIndex(this.of(name));
    const hash = sha256(bytes);
    await this.#objects.put(hash, bytes, lasts);
    return hash;
  }
}
