/**
 * Completes the npm package that `deno pack` made: `deno task package`.
 *
 * A deno.json has no peer dependencies. TensorFlow.js must be one: a traced function and the tracer share its registry of
 * backends, so a second copy of it would trace nothing.
 *
 * @module
 */
import { packTar, type ParsedTarEntryWithData, unpackTar } from "modern-tar";

/** Dependencies that the program which installs the package provides. */
const PEERS = ["@tensorflow/tfjs", "onnxruntime-node"];
/** The peers without which the rest works: only training runs models. */
const OPTIONAL = ["onnxruntime-node"];

/** Fields of the package.json that follow from no deno.json. */
const FIELDS = {
  description:
    "Write any TensorFlow.js function or model, gradients included, as an ONNX model, and train layers models with onnxruntime",
  keywords: ["onnx", "tensorflow.js", "tfjs", "onnxruntime", "convert", "export", "training"],
  engines: { node: ">=22" },
  // Bundlers leave out training where a program only traces. These modules register kernels, or keep the greeting away.
  sideEffects: ["./trace/all_reduce.js", "./trace/greeting.js"],
  // A browser has no native code; there a program passes another onnxruntime.
  browser: { "onnxruntime-node": false },
};

/** The declarations that name `AsyncDisposable`, which not every program's `lib` has. `deno pack` drops such references. */
const DECLARATIONS = "package/mod.d.ts", REFERENCE = '/// <reference lib="esnext.disposable" />\n';

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Adds {@linkcode FIELDS} and makes {@linkcode PEERS} peer dependencies. */
function completed({ name, version, exports, dependencies, ...rest }: PackageJson): PackageJson {
  const choose = (peers: boolean) =>
    Object.fromEntries(Object.entries(dependencies).filter(([dependency]) => PEERS.includes(dependency) === peers));
  const peerDependenciesMeta = Object.fromEntries(OPTIONAL.map((peer) => [peer, { optional: true }]));
  return {
    name,
    version,
    ...FIELDS,
    ...rest,
    exports: { ...exports, "./package.json": "./package.json" },
    dependencies: choose(false),
    peerDependencies: choose(true),
    peerDependenciesMeta,
  };
}

const through = async (bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

const textOf = ({ data }: ParsedTarEntryWithData) => new TextDecoder().decode(data);

function withText({ header }: ParsedTarEntryWithData, text: string): ParsedTarEntryWithData {
  const data = new TextEncoder().encode(text);
  return { header: { ...header, size: data.length }, data };
}

/**
 * @param packed the tarball of `deno pack`
 * @returns the complete tarball, and the name that npm gives such a file
 */
async function complete(packed: Uint8Array<ArrayBuffer>): Promise<{ name: string; tarball: Uint8Array<ArrayBuffer> }> {
  const entries = await unpackTar(await through(packed, new DecompressionStream("gzip")));
  const manifest = entries.find(({ header }) => header.name === "package/package.json")!;
  const json = completed(JSON.parse(textOf(manifest)));
  const rewritten = entries.map((entry) => {
    if (entry === manifest) return withText(entry, `${JSON.stringify(json, undefined, 2)}\n`);
    return entry.header.name === DECLARATIONS ? withText(entry, REFERENCE + textOf(entry)) : entry;
  });
  const tar = await packTar(rewritten);
  const name = `${json.name.replace("@", "").replace("/", "-")}-${json.version}.tgz`;
  return { name, tarball: await through(tar, new CompressionStream("gzip")) };
}

if (import.meta.main) {
  const [packed, folder] = Deno.args as [string, string];
  const { name, tarball } = await complete(await Deno.readFile(packed));
  await Deno.writeFile(`${folder}/${name}`, tarball);
  await Deno.remove(packed);
  console.log(`${folder}/${name}`);
}
