/** @file The audits of a server: folders as `pareidolia audit` writes them, whether they were made here or by a command. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { type ImageShape, InputError } from '@pareidolia/core';
import type { Audited, AuditResult } from '@pareidolia/lab';
import type { AuditShelf, AuditStatus } from '@pareidolia/studio';
import { readAudit } from '../audit/baseline-file.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { decodePngs } from '../image/png.ts';
import { makeFolder, readBytesIfThere } from '../job/files.ts';
import { seededFolder } from '../job/folder.ts';

/** Bytes of a picture. */
const MOST_PICTURE = 64 * 1024 * 1024;

/** What the list says of a result, read again only where the file has changed. */
interface Listed {
  readonly stamp: string;
  readonly status: AuditStatus;
}

export class AuditFolders implements AuditShelf {
  readonly #folder: string;
  readonly #listed = new Map<string, Listed>();

  /** @param folder audits are its subfolders */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly AuditStatus[]> {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    const found = names.flatMap((name) => {
      const stats = statSync(join(this.#folder, name, 'audit.json'), { throwIfNoEntry: false });
      // A folder that is damaged, or may not be read, is no reason not to show the others.
      const status = stats?.isFile() === true ? this.#status(name, `${stats.mtimeMs} ${stats.size}`) : undefined;
      return status === undefined ? [] : [{ status, time: stats!.mtimeMs }];
    });
    return found.sort((a, b) => b.time - a.time).map(({ status }) => status);
  }

  async open(audit: string): Promise<Audited> {
    const result = this.#read(audit);
    const { channels, height, width } = result.model;
    const shape: ImageShape = { channels: channels === 1 ? 1 : 3, height, width };
    const pictures = new Map<string, { shape: ImageShape; planes: Uint8Array }>();
    for (const { id, file } of result.pictures) {
      // What is missing is not shown; the numbers are there.
      const planes = await this.#picture(join(this.#folder, audit), file, shape);
      if (planes !== undefined) pictures.set(id, { shape, planes });
    }
    return { result, pictures };
  }

  async keep(audited: Audited): Promise<string> {
    makeFolder(this.#folder);
    const { model, budget, seed } = audited.result;
    const stem = basename(model.name).replace(/\.onnx$/i, '');
    const out = seededFolder(join(this.#folder, `audit-${stem}-${budget}`), seed);
    makeFolder(out);
    await writeAudit(out, audited);
    return basename(out);
  }

  /** @throws InputError where the folder is none of ours, or holds no result that can be read */
  #read(audit: string): AuditResult {
    // An id is a name in the folder of runs, whatever a page asks for.
    if (basename(audit) !== audit || audit.includes(sep) || audit === '..' || audit === '.') {
      throw new InputError('There is no such audit any more; start another');
    }
    if (!existsSync(join(this.#folder, audit, 'audit.json'))) {
      throw new InputError('There is no such audit any more; start another');
    }
    return readAudit(join(this.#folder, audit, 'audit.json'));
  }

  #status(name: string, stamp: string): AuditStatus | undefined {
    const known = this.#listed.get(name);
    if (known?.stamp === stamp) return known.status;
    try {
      const { model, budget, seed, threshold } = this.#read(name);
      const status: AuditStatus = {
        id: name,
        name: `${model.name}, ${budget}, seed ${seed}`,
        state: 'finished',
        folder: name,
        threshold,
        share: 1,
        doing: '',
        secondsLeft: undefined,
        parts: [],
      };
      this.#listed.set(name, { stamp, status });
      return status;
    } catch {
      return undefined;
    }
  }

  async #picture(folder: string, file: string, shape: ImageShape): Promise<Uint8Array | undefined> {
    // The result may come from anywhere, and names files.
    if (!/^pictures\/[\w.-]+\.png$/.test(file)) return undefined;
    try {
      // No link is followed: it could lead out of the folder.
      const bytes = readBytesIfThere(join(folder, file), MOST_PICTURE);
      return bytes && (await decodePngs([{ name: file, bytes }], shape)).data;
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }
}
