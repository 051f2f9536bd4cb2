/** @file One hash for all that a campaign has found: the same whoever has computed it, in whatever order. */

import { sha256 } from '../../job/hash.ts';
import type { ResolvedPlan, SearchTask } from '../plan/resolved-plan.ts';
import type { ObjectStore } from '../store/store.ts';
import { type Cells, mergeCells } from '../units/cells.ts';
import { readIsland } from '../units/search-object.ts';
import { type Island, islandsOf, islandUnit, sharesOf } from '../units/unit.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';

/** Where an island ended. */
export interface IslandEnd {
  readonly island: Island;
  readonly entry: LedgerEntry;
}

/** The last result of each island of a share; `undefined` where one is not finished. */
export function endsOf(
  task: SearchTask,
  share: number,
  ledger: Pick<Ledger, 'get'>,
): readonly (IslandEnd | undefined)[] {
  return islandsOf(task, share).map((island) => {
    for (let epoch = 0; ; epoch++) {
      const entry = ledger.get(islandUnit(task, island, epoch).key);
      if (entry === undefined) return undefined;
      if (entry.last) return { island, entry };
    }
  });
}

/** The merged elites of a share, by cell; `undefined` where an island is not finished, or an object is gone. */
export async function shareCells(
  task: SearchTask,
  share: number,
  ledger: Pick<Ledger, 'get'>,
  objects: Pick<ObjectStore, 'get'>,
): Promise<Cells | undefined> {
  const archives: Cells[] = [];
  for (const end of endsOf(task, share, ledger)) {
    const bytes = end === undefined ? undefined : await objects.get(end.entry.object);
    if (end === undefined || bytes === undefined) return undefined;
    archives.push(readIsland(bytes, end.island.classes.length).state.elites);
  }
  return mergeCells(archives);
}

/**
 * The hash of all archives and results; `undefined` where something is missing. It does not depend on which seeds' elites are which
 * candidate, nor on the time anything took.
 */
export async function archiveHash(
  plan: ResolvedPlan,
  ledger: Pick<Ledger, 'get'>,
  objects: Pick<ObjectStore, 'get'>,
): Promise<string | undefined> {
  const lines: string[] = [];
  for (const task of plan.tasks) {
    if (task.kind === 'search') {
      for (let share = 0; share < sharesOf(task); share++) {
        const cells = await shareCells(task, share, ledger, objects);
        if (cells === undefined) return undefined;
        const rows = cells.map((elite) => (elite === null ? null : [elite.confidence, sha256(elite.genome)]));
        lines.push(JSON.stringify([task.name, share, rows]));
      }
    } else {
      const keys = task.kind === 'audit' ? [task.name] : task.units.map(({ key }) => `${task.name}/${key}`);
      for (const key of keys) {
        const entry = ledger.get(key);
        if (entry === undefined) return undefined;
        lines.push(JSON.stringify([key, entry.object]));
      }
    }
  }
  return sha256(lines.join('\n'));
}
