/** A folder for a measurement. Disposing of it removes it, also where the measurement fails. */
export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder below the cache. */
export async function scratchFolder(): Promise<ScratchFolder> {
  await Deno.mkdir(".cache", { recursive: true });
  const path = await Deno.makeTempDir({ dir: ".cache", prefix: "bench-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
