/** @file Writes what an audit came to. All of it follows from one result, and may be written again over what is there. */

import { join } from 'node:path';
import { AUDIT_FILES, type Audited } from '@pareidolia/lab';
import { encodePng } from '../image/png.ts';
import { makeFolderIn, removeTemporaries, replaceFile, writeAtomically } from '../job/files.ts';

/**
 * Writes pictures, result, report and tables into the folder of an audit.
 *
 * @throws DiskError
 */
export async function writeAudit(out: string, audited: Audited): Promise<void> {
  const { result, pictures } = audited;
  if (result.pictures.length > 0) {
    const folder = makeFolderIn(out, 'pictures');
    removeTemporaries(folder, (name) => name.endsWith('.png'));
    for (const { id, file } of result.pictures) {
      const { shape, planes } = pictures.get(id)!;
      replaceFile(join(out, file), await encodePng(planes, shape));
    }
  }
  // All of them before any is written: what goes wrong leaves nothing half-written.
  const texts = await Promise.all(AUDIT_FILES.map(({ text }) => text(audited)));
  AUDIT_FILES.forEach(({ file }, index) => {
    writeAtomically(join(out, file), texts[index]!);
  });
}
