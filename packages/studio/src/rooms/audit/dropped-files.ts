/** @file Files that a user chooses or drops, those of folders included. */

/** A file and its path in what was chosen, with slashes: `photos/cat/1.jpg`. */
export interface FoundFile {
  readonly file: File;
  readonly path: string;
}

/** Files that were looked at, at most. */
const MOST = 100_000;

/** Those of an input for files, or for a folder. */
export function chosenFiles(files: FileList | null): FoundFile[] {
  return [...(files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Those that were dropped; folders are gone through. */
export async function droppedFiles({ dataTransfer }: DragEvent): Promise<FoundFile[]> {
  // To be taken before anything is awaited: the list is empty afterwards.
  const entries = [...(dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: FoundFile[] = [];
  const open = async (entry: FileSystemEntry): Promise<void> => {
    if (found.length >= MOST) return;
    const path = entry.fullPath.replace(/^\//, '');
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject)).catch(() => undefined);
      if (file !== undefined) found.push({ file, path });
    } else if (isFolder(entry)) {
      const reader = entry.createReader();
      for (;;) {
        // A part at a time; the last one is empty.
        const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        ).catch(() => []);
        if (part.length === 0) break;
        for (const inner of part) await open(inner);
      }
    }
  };
  for (const entry of entries) await open(entry);
  return found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
