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
import { firstLine } from "./first_line.ts";
import { computeInFullPrecision, quietenTensorFlow } from "./library_settings.ts";

/** The builds of `deno task setup:tensorflow`: with CUDA's kernels, or with the CPU's alone. */
export const tensorFlowBuilds = ["cuda", "cpu"] as const;
export type TensorFlowBuild = typeof tensorFlowBuilds[number];

/** Returns the folder of a build. It is outside node_modules, which `deno install` cleans. */
export const buildFolder = (build: TensorFlowBuild): string =>
  fileURLToPath(new URL(`../.cache/tensorflow/${build}`, import.meta.url));

/** Returns the file of a build's binding. */
export const bindingFile = (build: TensorFlowBuild): string => `${buildFolder(build)}/tfjs_binding.node`;

/** Returns the installed build that is used, if there is one. */
export const installedBuild = (): TensorFlowBuild | undefined =>
  tensorFlowBuilds.find((build) => existsSync(bindingFile(build)));

export type TensorFlow =
  | { readonly loaded: true; readonly gpu: boolean; readonly description: string }
  | { readonly loaded: false; readonly why: string };

interface NativeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Tells if there is a native library, of a build or of the package's own script. */
const isInstalled = (): boolean =>
  installedBuild() !== undefined || existsSync(new URL("../lib", import.meta.resolve("@tensorflow/tfjs-node-gpu")));

/** Registers the TensorFlow.js backend `tensorflow`, if its native library is installed. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  // Importing the package takes a third of a second, to find out the same.
  if (!isInstalled()) return { loaded: false, why: unavailable("is not installed") };
  const previous = tf.getBackend();
  try {
    prepare();
    const { version } = await import("@tensorflow/tfjs-node-gpu");
    const { isUsingGpuDevice: gpu, binding } = tf.findBackend("tensorflow") as NativeBackend;
    const library = `TensorFlow ${binding.TF_Version} (tfjs-node-gpu ${version["tfjs-node"]})`;
    return { loaded: true, gpu, description: `${library} on the ${gpu ? "GPU" : "CPU"}` };
  } catch (error) {
    const first = firstLine(error);
    const why = /can not be found at path/.test(first) ? "is not installed" : `does not load (${first})`;
    return { loaded: false, why: unavailable(why) };
  } finally {
    // The package makes itself the default backend.
    if (previous) tf.setBackend(previous);
  }
}

const unavailable = (why: string) =>
  `engine tensorflow cannot be used: TensorFlow's native library ${why}; ` +
  "install it with `deno task setup:tensorflow`, or use --engine onnxruntime";

/** Prepares for the package's last release, before it is imported. */
function prepare(): void {
  // The package calls a function that runtimes have since removed.
  (util as unknown as Record<string, unknown>)["isNullOrUndefined"] ??= (x: unknown) => x === null || x === undefined;
  const build = installedBuild();
  if (build) {
    // The package asks this module where its binding is.
    const require = createRequire(import.meta.resolve("@tensorflow/tfjs-node-gpu"));
    require("@mapbox/node-pre-gyp/lib/pre-binding.js").find = () => bindingFile(build);
  }
  computeInFullPrecision();
  quietenTensorFlow();
}
