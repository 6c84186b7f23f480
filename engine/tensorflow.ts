/**
 * Loads TensorFlow's native library, which `@tensorflow/tfjs-node-gpu` binds to.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import util from "node:util";
import { computeInFullPrecision } from "./full_precision.ts";

/** How TensorFlow can be built here by `deno task setup:tensorflow`: with CUDA's kernels or only with the CPU's. */
export const tensorFlowBuilds = ["cuda", "cpu"] as const;
export type TensorFlowBuild = typeof tensorFlowBuilds[number];

/** The folder of a build, where no `deno install` removes it. */
export const buildFolder = (build: TensorFlowBuild): string =>
  fileURLToPath(new URL(`../.cache/tensorflow/${build}`, import.meta.url));

/** The binding of a build. */
export const bindingFile = (build: TensorFlowBuild): string => `${buildFolder(build)}/tfjs_binding.node`;

/** The build that is used. */
export const installedBuild = (): TensorFlowBuild | undefined =>
  tensorFlowBuilds.find((build) => existsSync(bindingFile(build)));

export type TensorFlow =
  | { readonly loaded: true; readonly gpu: boolean; readonly description: string }
  | { readonly loaded: false; readonly why: string };

interface NativeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Registers the TensorFlow.js backend `tensorflow`, if its native library is installed. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const previous = tf.getBackend();
  try {
    prepare();
    const { version } = await import("@tensorflow/tfjs-node-gpu");
    const { isUsingGpuDevice: gpu, binding } = tf.findBackend("tensorflow") as NativeBackend;
    const library = `TensorFlow ${binding.TF_Version} (tfjs-node-gpu ${version["tfjs-node"]})`;
    return { loaded: true, gpu, description: `${library} on the ${gpu ? "GPU" : "CPU"}` };
  } catch (error) {
    const first = String(error instanceof Error ? error.message : error).trim().split("\n")[0]!;
    const why = /can not be found at path/.test(first) ? "is not installed" : `does not load (${first})`;
    return {
      loaded: false,
      why: `engine tensorflow cannot be used: TensorFlow's native library ${why}; ` +
        "install it with `deno task setup:tensorflow`, or use --engine onnxruntime",
    };
  } finally {
    // The package makes itself the default backend.
    if (previous) tf.setBackend(previous);
  }
}

/** What the package's last release needs before it is imported. */
function prepare(): void {
  // It calls a function that runtimes have since removed.
  (util as unknown as Record<string, unknown>)["isNullOrUndefined"] ??= (x: unknown) => x === null || x === undefined;
  const build = installedBuild();
  if (build) {
    // It asks this module where its binding is.
    const require = createRequire(import.meta.resolve("@tensorflow/tfjs-node-gpu"));
    require("@mapbox/node-pre-gyp/lib/pre-binding.js").find = () => bindingFile(build);
  }
  computeInFullPrecision();
  // Warnings and errors, but no greeting.
  if (Deno.env.get("TF_CPP_MIN_LOG_LEVEL") === undefined) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "1");
}
