/**
 * The parts of CUDA that onnxruntime's kernels need: NVIDIA's driver, the libraries that they were built for, cuDNN.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { cudaLibrary } from "./device.ts";
import { loads, withLibrary } from "./shared_library.ts";

/** A part of CUDA: its version on this machine, or how to install it. */
export type CudaPart =
  | { readonly part: string; readonly version: string }
  | { readonly part: string; readonly missing: string; readonly next: string };

const CUDNN = "libcudnn.so.9";
const NEXT = {
  driver: "install NVIDIA's driver for Linux",
  cuda: "install CUDA (developer.nvidia.com/cuda-downloads), or name the folder of its libraries in LD_LIBRARY_PATH",
  cudnn: "install cuDNN 9 (developer.nvidia.com/cudnn), or name the folder of its libraries in LD_LIBRARY_PATH",
  kernels: "run `deno task setup:cuda`",
};

/** Finds every part; each needs those before it. */
export async function cudaParts(): Promise<CudaPart[]> {
  const installed = existsSync(cudaLibrary);
  const libraries = installed ? parseNeeded(await neededBy(cudaLibrary)) : undefined;
  return [
    driver(),
    ...(libraries ? [cudaToolkit(libraries)] : []),
    cudnn(),
    installed
      ? { part: "onnxruntime's CUDA kernels", version: "installed" }
      : { part: "onnxruntime's CUDA kernels", missing: "not installed", next: NEXT.kernels },
  ];
}

function driver(): CudaPart {
  const part = "NVIDIA's driver", library = "libcuda.so.1";
  if (!loads(library)) return { part, missing: `${library} is not found`, next: NEXT.driver };
  const version = new Int32Array(1);
  const functions = { cuDriverGetVersion: { parameters: ["buffer"], result: "i32" } } as const;
  const failure = withLibrary(library, functions, ({ cuDriverGetVersion }) => cuDriverGetVersion(version));
  if (failure !== 0) return { part, missing: `it answers with error ${failure}`, next: NEXT.driver };
  return { part, version: `for CUDA up to ${Math.floor(version[0]! / 1000)}.${version[0]! % 1000 / 10}` };
}

/** Finds the libraries that the kernels were linked with, without NVIDIA's driver. */
function cudaToolkit({ missing, found }: Needed): CudaPart {
  const of = (names: readonly string[]) => names.filter((name) => /^lib(cu|nv)/.test(name) && name !== "libcuda.so.1");
  const runtime = [...missing, ...found].find((name) => name.startsWith("libcudart.so."))?.split(".so.")[1];
  const part = runtime ? `CUDA ${runtime}` : "CUDA";
  const absent = of(missing);
  if (absent.length > 0) {
    return { part, missing: `${absent.join(", ")} ${absent.length > 1 ? "are" : "is"} not found`, next: NEXT.cuda };
  }
  return { part, version: of(found).join(", ") };
}

function cudnn(): CudaPart {
  const part = "cuDNN 9";
  if (!loads(CUDNN)) return { part, missing: `${CUDNN} is not found`, next: NEXT.cudnn };
  const functions = { cudnnGetVersion: { parameters: [], result: "usize" } } as const;
  const version = Number(withLibrary(CUDNN, functions, ({ cudnnGetVersion }) => cudnnGetVersion()));
  return { part, version: `${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}.${version % 100}` };
}

/** Libraries that a library is linked with. */
export interface Needed {
  readonly found: readonly string[];
  readonly missing: readonly string[];
}

/** Reads the output of `ldd`. */
export function parseNeeded(text: string): Needed {
  const libraries = Array.from(
    text.matchAll(/^\s*(\S+) => (.+)$/gm),
    ([, name, where]) => ({ name: name!, where: where! }),
  );
  const missing = libraries.filter(({ where }) => where.startsWith("not found"));
  return {
    found: libraries.filter((library) => !missing.includes(library)).map(({ name }) => name),
    missing: missing.map(({ name }) => name),
  };
}

async function neededBy(library: string): Promise<string> {
  const { stdout } = await new Deno.Command("ldd", { args: [library] }).output();
  return new TextDecoder().decode(stdout);
}
