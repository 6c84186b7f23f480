/** A file system of a given size, where the tests may mount one: as root on Linux. */

export interface SmallDisk {
  readonly folder: string;
  /** Makes the disk read-only, or writable again. */
  readOnly(on: boolean): Promise<void>;
  /** Fills the disk; {@linkcode free} empties it. */
  fill(): void;
  free(): Promise<void>;
}

async function mount(...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command("mount", { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Runs a test on such a disk. */
export async function onSmallDisk(kilobytes: number, run: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shakenet-disk-" });
  const filler = `${folder}/filler`;
  try {
    if (!await mount("-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder)) {
      throw new Error("nothing can be mounted");
    }
    await run({
      folder,
      async readOnly(on) {
        // The system refuses while a written file is being closed.
        for (let tries = 0; !await mount("-o", `remount,${on ? "ro" : "rw"}`, folder); tries++) {
          if (tries === 3000) throw new Error(`${folder} cannot be mounted anew`);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      fill() {
        using file = Deno.openSync(filler, { write: true, create: true });
        try {
          for (;;) file.writeSync(new Uint8Array(1024));
        } catch {
          // It is full.
        }
      },
      free: () => Deno.remove(filler),
    });
  } finally {
    // Lazily: the system refuses while a written file is being closed.
    await new Deno.Command("umount", { args: ["-l", folder], stderr: "null" }).output().catch(() => {});
    await Deno.remove(folder);
  }
}

export const canMount: boolean = Deno.build.os === "linux" &&
  await onSmallDisk(64, async () => {}).then(() => true, () => false);
