/** @file What a process takes of memory and of the processor, as the system tells it. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory in bytes. */
export interface ProcessMemory {
  readonly now: number;
  /** The most so far, or since {@link resetPeak}; where the system does not tell, that of now. */
  readonly peak: number;
}

const NONE: ProcessMemory = { now: 0, peak: 0 };

/** Memory of a process; zeros where there is no such process, or the system (Windows) does not tell. */
export function memoryOf(pid: number | undefined): ProcessMemory {
  if (pid === undefined) return NONE;
  if (process.platform === 'linux') return memoryOfStatus(pid);
  if (process.platform !== 'darwin') return NONE;
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  const now = 1024 * (Number.parseInt(stdout ?? '', 10) || 0);
  return { now, peak: now };
}

/** Lets the peak begin anew; where the system cannot (other than Linux), it is that of now anyway. */
export function resetPeak(pid: number | undefined): void {
  if (pid === undefined || process.platform !== 'linux') return;
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // The process has just ended, or the kernel forbids it: the peak is then that of the whole process.
  }
}

/** See proc(5): VmRSS is what is resident, VmHWM the most that was. */
function memoryOfStatus(pid: number): ProcessMemory {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return NONE;
  }
  const of = (field: string): number =>
    1024 * Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  const now = of('VmRSS');
  return { now, peak: Math.max(now, of('VmHWM')) };
}

/** Ticks of proc(5) in a second: the kernel's USER_HZ, 100 on all of Node's platforms. */
const TICKS = 100;

/** Seconds of processor time that a process has taken, over all its threads; `undefined` where the system does not tell. */
export function processorSeconds(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold anything; the third field follows it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS;
    return Number.isFinite(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}
