/** Runs something while the size of an open file cannot be asked for, and tells how many files it left open. */
export async function withoutStat(run: () => Promise<unknown>): Promise<number> {
  const { open, FsFile: { prototype } } = Deno, { stat } = prototype;
  const opened: Deno.FsFile[] = [];
  Deno.open = async (...args) => {
    const file = await open(...args);
    opened.push(file);
    return file;
  };
  prototype.stat = () => Promise.reject(new Error("stat fails"));
  try {
    await run();
  } finally {
    Deno.open = open;
    prototype.stat = stat;
  }
  return opened.filter(isOpen).length;
}

function isOpen(file: Deno.FsFile): boolean {
  try {
    file.close();
    return true;
  } catch {
    // It was closed before.
    return false;
  }
}
