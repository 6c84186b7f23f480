/**
 * The processor of a measurement, as its table names it.
 *
 * @module
 */
import { cpus } from "node:os";

/** Instruction sets that products of matrices use, by the names that Linux has for them, the widest last of each kind. */
const features: Readonly<Record<string, string>> = {
  avx: "AVX",
  avx2: "AVX2",
  fma: "FMA",
  avx_vnni: "AVX-VNNI",
  avx512f: "AVX-512",
  avx512_vnni: "AVX-512 VNNI",
  avx512_bf16: "AVX-512 bfloat16",
  amx_tile: "AMX",
  asimd: "NEON",
  asimddp: "NEON dot products",
  sve: "SVE",
  i8mm: "int8 products",
  bf16: "bfloat16",
};

/**
 * Finds the instruction sets that products of matrices use.
 *
 * @param cpuinfo the content of Linux's `/proc/cpuinfo`
 */
export function processorFeatures(cpuinfo: string): string[] {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? [];
  return Object.entries(features).flatMap(([flag, name]) => flags.includes(flag) ? [name] : []);
}

/** Names the processor, its number of cores, and on Linux its instruction sets. */
export async function describeMachine(): Promise<string> {
  const cores = cpus();
  const found = processorFeatures(await cpuinfo());
  const name = `${cores[0]?.model.trim() || Deno.build.arch}, ${cores.length} cores`;
  return found.length > 0 ? `${name}, ${found.join(", ")}` : name;
}

/** Reads Linux's file; Deno itself reads files of the kernel only with all permissions. */
async function cpuinfo(): Promise<string> {
  try {
    return new TextDecoder().decode((await new Deno.Command("cat", { args: ["/proc/cpuinfo"] }).output()).stdout);
  } catch {
    return "";
  }
}
