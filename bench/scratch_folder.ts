/** Makes a folder for a measurement, below the cache. */
export async function scratchFolder(): Promise<string> {
  await Deno.mkdir(".cache", { recursive: true });
  return await Deno.makeTempDir({ dir: ".cache", prefix: "bench-" });
}
