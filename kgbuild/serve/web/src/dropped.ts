// Files that were dropped on the page, those inside folders too.

/** Every file of a drop; what lies in a folder is named after it: `folder/a.txt`. */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return [...transfer.files];
  const found: File[] = [];
  for (const entry of entries) if (entry !== null) await collect(entry, found);
  return found;
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    found.push(named(file, entry.fullPath.replace(/^\/+/, "")));
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives its entries in portions, and at last none.
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return;
    for (const one of some) await collect(one, found);
  }
}

/** A file under the name that its document will have: with its folder, where it was chosen so. */
export function named(file: File, name = file.webkitRelativePath || file.name): File {
  return name === file.name ? file : new File([file], name, { type: file.type });
}
