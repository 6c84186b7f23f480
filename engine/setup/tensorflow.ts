/**
 * Installs TensorFlow's native library for `@tensorflow/tfjs-node-gpu`: by the package's own script, or by building the
 * package's binding (its N-API sources) against the libtensorflow of PyPI's TensorFlow.
 *
 * @module
 */
import nodeApiHeaders from "node-api-headers";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EngineUnavailableError } from "../engine.ts";
import { loads } from "../shared_library.ts";
import { bindingFile, buildFolder, type TensorFlowBuild, tensorFlowBuilds } from "../tensorflow.ts";
import { requireTool, runTool, type ToolOptions } from "./tool.ts";

/** Sources of the library: the package's own script, or a build for CUDA or for the CPU alone. */
export const tensorFlowSources = ["package", ...tensorFlowBuilds] as const;
export type TensorFlowSource = typeof tensorFlowSources[number];

export interface SetupOptions {
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

const PACKAGE = "@tensorflow/tfjs-node-gpu";
const root = fileURLToPath(new URL("../../", import.meta.url));
const packageFolder = (): string => fileURLToPath(new URL("../", import.meta.resolve(PACKAGE)));

/** Returns the host of the files that the package's script fetches; this variable of the script replaces it. */
const packageHost = (): string => Deno.env.get("TFJS_NODE_CDN_STORAGE") ?? "https://storage.googleapis.com/";
/** Milliseconds after which a host counts as unreachable. */
const PATIENCE = 5000;

/**
 * Finds the best source: CUDA if NVIDIA's driver is installed (the package's script installs a library for CUDA 11.2 of
 * 2021), else the package's script if its host answers, else a build.
 */
async function bestTensorFlowSource(): Promise<TensorFlowSource> {
  if (Deno.build.os === "linux" && loads("libcuda.so.1")) return "cuda";
  const url = `${packageHost()}tensorflow/libtensorflow/libtensorflow-gpu-linux-x86_64-2.9.1.tar.gz`;
  const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(PATIENCE) }).catch((error) => {
    if (error instanceof Deno.errors.NotCapable) throw error;
  });
  await answer?.body?.cancel();
  return answer?.ok ? "package" : "cpu";
}

/**
 * Installs the library from a source, and removes other builds.
 *
 * @throws {EngineUnavailableError} if it cannot be installed
 */
export async function installTensorFlow(source: TensorFlowSource, options: SetupOptions): Promise<void> {
  if (source === "package") await runPackageScript(options);
  else await build(source, options);
  for (const other of tensorFlowBuilds) {
    if (other !== source) await removeTree(buildFolder(other));
  }
}

/** Installs the library from the best source; if the package's script fails, builds the library. */
export async function installBestTensorFlow(options: SetupOptions): Promise<void> {
  const source = await bestTensorFlowSource();
  try {
    await installTensorFlow(source, options);
  } catch (error) {
    if (!(source === "package" && error instanceof EngineUnavailableError)) throw error;
    options.log(error.message);
    await installTensorFlow("cpu", options);
  }
}

/** Lets Deno run the package's install script. */
async function runPackageScript({ log, signal }: SetupOptions): Promise<void> {
  log(`running the install script of ${PACKAGE}`);
  // Deno runs a script once, even if it fails, and records that in this file.
  await removeTree(`${packageFolder()}../../../.scripts-run`);
  await requireTool(
    [Deno.execPath(), "install", `--allow-scripts=npm:${PACKAGE}`],
    `the install script of ${PACKAGE}`,
    "build its binding with `deno task setup:tensorflow cpu`",
    { cwd: root, ...(signal && { signal }) },
  );
}

/** Builds in a folder beside the build's own, and renames it when the build is whole. */
async function build(build: TensorFlowBuild, { log, signal }: SetupOptions): Promise<void> {
  if (Deno.build.os !== "linux" || build === "cuda" && Deno.build.arch !== "x86_64") {
    throw new EngineUnavailableError(
      `TensorFlow cannot be built for ${build} on ${Deno.build.os} ${Deno.build.arch}; use --engine onnxruntime`,
    );
  }
  const compiler = await findCompiler();
  const folder = buildFolder(build), part = `${folder}.part`;
  await removeTree(part);
  await Deno.mkdir(part, { recursive: true });
  try {
    log(`fetching TensorFlow from PyPI (${build === "cuda" ? "3.3 GB, with CUDA" : "259 MB"})`);
    await installWheels(build, part, { env: { TMPDIR: part }, ...(signal && { signal }) });
    log(`building the binding of ${PACKAGE} with ${compiler}`);
    await compileBinding(compiler, part, { ...(signal && { signal }) });
    await keepLibraries(part);
    await removeTree(folder);
    await Deno.rename(part, folder);
  } finally {
    await removeTree(part);
  }
}

async function findCompiler(): Promise<string> {
  for (const compiler of [Deno.env.get("CXX"), "c++", "g++", "clang++"]) {
    if (compiler && (await runTool(compiler, ["--version"]))?.success) return compiler;
  }
  throw new EngineUnavailableError(
    "the binding of TensorFlow needs a C++ compiler; install one, such as with `apt-get install g++`",
  );
}

/** Installs the pinned wheels of a build, for an interpreter and C libraries that all of the wheels support. */
async function installWheels(build: TensorFlowBuild, folder: string, options: ToolOptions): Promise<void> {
  const what = "fetching TensorFlow from PyPI";
  await requireTool(
    ["python3", "-m", "pip", "--version"],
    what,
    "install it, such as with `apt-get install python3-pip`",
  );
  const platforms = ["2014", "_2_17", "_2_27"].map((libc) => `--platform=manylinux${libc}_${Deno.build.arch}`);
  const requirements = fileURLToPath(new URL(`./tensorflow-${build}.txt`, import.meta.url));
  await requireTool(
    [
      ...[
        "python3",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
      ] as const,
      ...["--only-binary=:all:", "--require-hashes", "--python-version=3.11", ...platforms],
      ...[`--target=${folder}`, `--requirement=${requirements}`],
    ],
    what,
    "see that pip reaches PyPI and the disk has space, and run the command again",
    options,
  );
}

/** Compiles the binding as the package's `binding.gyp` does, with the libraries' names in the wheels. */
async function compileBinding(compiler: string, folder: string, options: ToolOptions): Promise<void> {
  const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => `${packageFolder()}binding/${name}`);
  const headers = [nodeApiHeaders.include_dir, `${folder}/tensorflow/include`, packageFolder()];
  await requireTool(
    [
      ...[compiler, "-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8"] as const,
      ...headers.map((path) => `-I${path}`),
      ...sources,
      ...[`-L${folder}/tensorflow`, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"],
      ...["-Wl,-rpath,$ORIGIN/tensorflow", "-o", `${folder}/tfjs_binding.node`],
    ],
    "building the binding of TensorFlow",
    "try another compiler by the variable CXX",
    options,
  );
}

/** Removes all files that only Python or the compiler needs. */
async function keepLibraries(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (/^(tensorflow|nvidia|tfjs_binding\.node|.*\.dist-info)$/.test(name)) continue;
    await removeTree(`${folder}/${name}`);
  }
  for await (const { name } of Deno.readDir(`${folder}/tensorflow`)) {
    if (name.startsWith("libtensorflow")) continue;
    await removeTree(`${folder}/tensorflow/${name}`);
  }
}

/** Removes a file, or a folder with its content, if it exists. */
async function removeTree(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Tells if the library of a source is installed. */
export function hasTensorFlow(source: TensorFlowSource): boolean {
  if (source !== "package") return existsSync(bindingFile(source));
  return existsSync(`${packageFolder()}lib/napi-v8/tfjs_binding.node`);
}
