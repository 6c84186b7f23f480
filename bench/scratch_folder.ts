/** A folder of its own for a measurement, below the cache. */
export async function scratchFolder(): Promise<string> {
  await Deno.mkdir(".cache", { recursive: true });
  return await Deno.makeTempDir({ dir: ".cache", prefix: "bench-" });
}
