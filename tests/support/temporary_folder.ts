/**
 * Runs a test in a folder of its own, and removes it.
 *
 * @param parent where it is made; default: where the system has such folders
 */
export async function inTemporaryFolder(run: (folder: string) => Promise<void>, parent?: string): Promise<void> {
  if (parent) await Deno.mkdir(parent, { recursive: true });
  const folder = await Deno.makeTempDir({ prefix: "shakenet-", ...(parent && { dir: parent }) });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where the tasks that try to break the program work: they may write nowhere else. */
export const STRESS_FOLDER = ".cache/stress";
