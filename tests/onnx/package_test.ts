/** The tracer as a package: what it holds, and that it works where it is installed. */
import assert from "#assert";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { unpackTar } from "modern-tar";
import { codeBlocks, readDocument, repository } from "../support/markdown.ts";
import { useCpu } from "../support/eager.ts";
import { hasNode22 } from "../support/node_22.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const folder = `${repository}onnx/`;

interface Run {
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws with all that the program printed, if it fails */
async function run(cwd: string, program: string, ...args: readonly string[]): Promise<Run> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd, env: { NO_COLOR: "1" } })
    .output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  assert.ok(success, `${program} ${args.join(" ")}:\n${out}${error}`);
  return { stdout: out, stderr: error };
}

/** The path of the packed tarball. */
const packed = run(repository, Deno.execPath(), "task", "--quiet", "package")
  .then(({ stdout }) => `${repository}${stdout.trim()}`);

/** The files of the tarball: their text by name. */
const files = packed.then(async (path) => {
  const zipped = await Deno.open(path);
  const entries = await unpackTar(zipped.readable.pipeThrough(new DecompressionStream("gzip")));
  return new Map(entries.map(({ header, data }) => [header.name, new TextDecoder().decode(data)]));
});

interface PackageJson {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

const packageJson = async () => JSON.parse((await files).get("package/package.json")!) as PackageJson;

/** The modules that JavaScript or a declaration file imports. */
const imported = (text: string) =>
  [...text.replace(/\/\*[^]*?\*\//g, "").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(([, name]) => name!);

Deno.test("the package holds the modules that its exports reach, README and licence, and nothing else", async () => {
  const names = [...(await files).keys()].map((name) => name.replace(/^package\//, ""));
  const reached = new Set<string>();
  const reach = async (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = (await files).get(`package/${name}`);
    assert.notEqual(text, undefined, `${name} is imported, but not in the package`);
    for (const other of imported(text!).filter((other) => other.startsWith("."))) {
      const path = new URL(other, `file:///${name}`).pathname.slice(1);
      await reach(name.endsWith(".d.ts") ? path.replace(/\.js$/, ".d.ts") : path);
    }
  };
  for (const entry of ["mod.js", "mod.d.ts"]) await reach(entry);
  assert.deepEqual(names.toSorted(), [...reached, "LICENSE", "README.md", "package.json"].toSorted());
});

Deno.test("modules that do something when they are loaded are those that bundlers keep", async () => {
  const { sideEffects } = JSON.parse((await files).get("package/package.json")!) as { sideEffects: string[] };
  const statement = /^(?!_computedKey |import |export |const |let |var |function |async |class |\/\/)[A-Za-z_(]/m;
  const acting = [...await files].filter(([name, text]) =>
    name.endsWith(".js") && statement.test(text.replace(/\/\*[^]*?\*\/\s*/g, ""))
  );
  assert.deepEqual(acting.map(([name]) => name.replace("package", ".")).toSorted(), sideEffects);
});

Deno.test("the declarations name the library of TypeScript that they need", async () => {
  assert.match((await files).get("package/training/training.d.ts")!, /AsyncDisposable/);
  assert.match((await files).get("package/mod.d.ts")!, /^\/\/\/ <reference lib="esnext.disposable" \/>\n/);
});

Deno.test("the package imports only its dependencies: nothing of this project, of Node or of Deno", async () => {
  const { dependencies, peerDependencies } = await packageJson();
  const known = Object.keys({ ...dependencies, ...peerDependencies });
  for (const [name, text] of await files) {
    if (!/\.(js|d\.ts)$/.test(name)) continue;
    const foreign = imported(text).filter((other) => !other.startsWith(".") && !known.includes(packageOf(other)));
    assert.deepEqual(foreign, [], name);
    assert.doesNotMatch(text.replace(/\/\*[^]*?\*\//g, ""), /\bDeno\./, name);
  }
});

/** The name of a package, without the module of it that is imported. */
const packageOf = (specifier: string) => specifier.match(/^(@[^/]+\/)?[^/]+/)![0];

Deno.test("TensorFlow.js and onnxruntime are peer dependencies, whose ranges have the versions that this project uses", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(`${repository}deno.json`)) as {
    imports: Record<string, string>;
  };
  const { peerDependencies, peerDependenciesMeta } = await packageJson();
  assert.deepEqual(Object.keys(peerDependencies), ["@tensorflow/tfjs", "onnxruntime-node"]);
  for (const [name, range] of Object.entries(peerDependencies)) {
    const [major, minor] = range.match(/^\^(\d+)\.(\d+)\.0$/)!.slice(1).map(Number) as [number, number];
    const [ownMajor, ownMinor] = imports[name]!.match(/@(\d+)\.(\d+)\.\d+$/)!.slice(1).map(Number) as [number, number];
    assert.ok(major === ownMajor && minor <= ownMinor, `${name}: ${range}`);
  }
  assert.deepEqual(peerDependenciesMeta, { "onnxruntime-node": { optional: true } });
});

Deno.test("the package has the licence of this project", async () => {
  assert.equal((await files).get("package/LICENSE"), await Deno.readTextFile(`${repository}LICENSE`));
});

Deno.test("deno publish accepts the package", async () => {
  await run(folder, Deno.execPath(), "publish", "--dry-run", "--allow-dirty", "--no-check");
});

/** Options of an ordinary project: an older target, whose library lacks what the package's declarations name. */
const OPTIONS = {
  module: "nodenext",
  target: "es2022",
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  types: ["node"],
  // TensorFlow.js's own declarations have errors.
  skipLibCheck: true,
};

/** Calls that must be errors of types: they would not be, if the package had none. And calls whose types are inferred. */
const typedCalls = `
import * as tf from "@tensorflow/tfjs";
import { compileTraining, trace, type Training } from "@shakenet/tfjs-onnx";

declare const training: Training, data: { xs: tf.Tensor; ys: tf.Tensor };
const early = tf.callbacks.earlyStopping({});
const rounded = (epoch: number, loss: number | undefined) => void [epoch.toFixed(), loss?.toFixed()];
export const fits = () => [
  training.fit(data, { callbacks: early }),
  training.fit(data, { callbacks: { onEpochEnd: (epoch, logs) => rounded(epoch, logs?.["loss"]) } }),
  training.fit(data, { callbacks: [early, { onEpochEnd: (epoch, logs) => rounded(epoch, logs?.["loss"]) }] }),
];

const slope = tf.variable(tf.ones<tf.Rank.R2>([2, 1]));
const ofFunction = { inputs: { x: { shape: [null, 2] } }, variables: [slope], loss: "hinge", optimizer: "sgd" } as const;
export const product = () => compileTraining(({ x }) => ({ y: tf.matMul(x, slope) }), ofFunction);

// @ts-expect-error: there is no input z
export const variable = () => compileTraining(({ z }) => ({ y: tf.neg(z) }), ofFunction);
// @ts-expect-error: a shape is a list
export const shape = () => trace(({ x }) => ({ x }), { x: { shape: 1 } });
// @ts-expect-error: there is no input y
export const input = () => trace(({ y }) => ({ y }), { x: { shape: [1] } });
// @ts-expect-error: a convolution takes four dimensions
export const rank = () => trace(({ x }) => ({ x: tf.conv2d(x, x, 1, "same") }), { x: { shape: [1, 2] } });
`;

/** Runs the programs of the README one after the other: the libraries are loaded once. */
const PROGRAM = "all.js";

/** Saves a small model of layers in the folder that the README's program reads. */
async function writeSavedModel(project: string): Promise<void> {
  await useCpu();
  const folder = `${project}/saved`;
  await Deno.mkdir(folder);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  await model.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
    await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify({ modelTopology, weightsManifest }));
    await Deno.writeFile(`${folder}/weights.bin`, new Uint8Array(weightData as ArrayBuffer));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  }));
}

/** Writes the programs of the README, the model that one of them reads, and the calls whose types are checked. */
async function writePrograms(project: string): Promise<string[]> {
  await writeSavedModel(project);
  await Deno.writeTextFile(`${project}/typed.ts`, typedCalls);
  const programs = (await readmeBlocks()).filter(({ language }) => language === "ts");
  assert.ok(programs.length > 2);
  const names = programs.map(({ line }) => `line${line}.ts`);
  for (const [at, { code }] of programs.entries()) await Deno.writeTextFile(`${project}/${names[at]}`, code);
  await Deno.writeTextFile(`${project}/${PROGRAM}`, names.map((name) => `import "./${name}";\n`).join(""));
  return names;
}

const readmeBlocks = async () => codeBlocks(await readDocument("onnx/README.md"));

Deno.test({
  name:
    "the package installs in an empty Node project, has types, and the README's programs run (needs Node 22.18 and npm)",
  ignore: !await hasNode22(),
  fn: () =>
    inTemporaryFolder(async (project) => {
      await writePrograms(project);
      await Deno.writeTextFile(`${project}/package.json`, JSON.stringify({ type: "module" }));
      await Deno.writeTextFile(`${project}/tsconfig.json`, JSON.stringify({ compilerOptions: OPTIONS }));
      const quick = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
      // The peers are links to those of this project: they are some hundred megabytes.
      const peers = ["@tensorflow/tfjs", "onnxruntime-node"].map((name) => `${repository}node_modules/${name}`);
      await run(project, "npm", "install", ...quick, await packed, ...peers, "typescript@5.9", "@types/node@22");
      await run(project, "node", "node_modules/typescript/bin/tsc", "-p", ".");
      assert.deepEqual(await run(project, "node", PROGRAM), { stdout: "", stderr: "" });
    }),
});

Deno.test("the package installs in an empty Deno project, has types, and the README's programs run", () =>
  inTemporaryFolder(async (project) => {
    const programs = await writePrograms(project);
    const configuration = (await readmeBlocks()).find(({ language }) => language === "json")!.code;
    await Deno.writeTextFile(`${project}/deno.json`, configuration);
    for (const [name, text] of await files) {
      await Deno.mkdir(dirname(`${project}/${name}`), { recursive: true });
      await Deno.writeTextFile(`${project}/${name}`, text);
    }
    await run(project, Deno.execPath(), "install");
    await run(project, Deno.execPath(), "check", "typed.ts", ...programs);
    const printed = await run(project, Deno.execPath(), "run", "--quiet", "--allow-all", PROGRAM);
    assert.deepEqual(printed, { stdout: "", stderr: "" });
  }));
