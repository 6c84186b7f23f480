/** Outlines of traced functions: on a hit nothing is traced, and training gives the same bytes. */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import { uploadAll } from "../../engine/engine.ts";
import { compileOnce } from "../../engine/program_outline.ts";
import { SessionCache } from "../../engine/session_cache.ts";
import { type Network, subjectOf } from "../../model/network.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { trace } from "../../onnx/internal.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const x = { shape: [2], data: Float32Array.of(1, 2) };
const specs = { x: { shape: [2] } };

/** Compiles x -> factor * x in a cache, and runs it. */
async function scaled(cache: string, factor: number, subject?: string, inputs = specs) {
  let traces = 0;
  const scale = ({ x }: tf.NamedTensorMap) => {
    traces++;
    return { y: tf.mul(x!, factor) };
  };
  await using engine = await compiledEngine({ threads: 1, cache });
  await using program = await engine.compile(scale, inputs, subject);
  const { y } = await program.run(uploadAll(engine, { x: { ...x, shape: inputs.x.shape } }));
  return { y: [...(await y!.read()).data], traces };
}

const filesOf = async (caches: string) =>
  (await Array.fromAsync(Deno.readDir(join(caches, "sessions")), ({ name }) => join(caches, "sessions", name))).sort();

const outlineIn = async (caches: string) => (await filesOf(caches)).find((path) => path.endsWith(".json"))!;

Deno.test("a function of a known subject is not traced, and computes the same", () =>
  inTemporaryFolder(async (folder) => {
    assert.deepEqual(await scaled(folder, 3, "times 3"), { y: [3, 6], traces: 1 });
    assert.deepEqual(await scaled(folder, 3, "times 3"), { y: [3, 6], traces: 0 });
    assert.deepEqual((await filesOf(folder)).map((path) => path.slice(path.lastIndexOf("."))).sort(), [
      ".json",
      ".onnx",
    ]);
  }));

Deno.test("without a subject, with another one and with other inputs, a function is traced", () =>
  inTemporaryFolder(async (folder) => {
    await scaled(folder, 3, "times 3");
    assert.deepEqual(await scaled(folder, 3), { y: [3, 6], traces: 1 });
    assert.deepEqual(await scaled(folder, 4, "times 4"), { y: [4, 8], traces: 1 });
    assert.equal((await scaled(folder, 3, "times 3", { x: { shape: [1, 2] } })).traces, 1);
  }));

Deno.test("other sources, another version of onnxruntime and another block have outlines of their own", () =>
  inTemporaryFolder(async (folder) => {
    const traces = async (sources: string, version = "1", block = 8) => {
      let traces = 0;
      const cache = (await SessionCache.open(folder, block, version))!;
      const traced = () => {
        traces++;
        return Promise.resolve(trace(({ x }) => ({ y: tf.neg(x!) }), specs));
      };
      await compileOnce(cache, "negative", traced, () => Promise.resolve(), sources);
      return traces;
    };
    assert.equal(await traces("a"), 1);
    assert.equal(await traces("a"), 0);
    assert.equal(await traces("b"), 1);
    assert.equal(await traces("a", "2"), 1);
    assert.equal(await traces("a", "1", 16), 1);
  }));

const damages: Readonly<Record<string, (text: string) => string>> = {
  "is cut short": (text) => text.slice(0, -5),
  "is empty": () => "",
  "has a changed letter": (text) => text.replace('"inModel":"y"', '"inModel":"x"'),
};
for (const [what, damage] of Object.entries(damages)) {
  Deno.test(`an outline that ${what} is noticed and made again`, () =>
    inTemporaryFolder(async (folder) => {
      await scaled(folder, 3, "times 3");
      const path = await outlineIn(folder), whole = await Deno.readTextFile(path);
      assert.notEqual(damage(whole), whole);
      await Deno.writeTextFile(path, damage(whole));
      assert.deepEqual(await scaled(folder, 3, "times 3"), { y: [3, 6], traces: 1 });
      assert.equal(await Deno.readTextFile(path), whole);
    }));
}

Deno.test("an outline whose optimised graph is gone traces it again", () =>
  inTemporaryFolder(async (folder) => {
    await scaled(folder, 3, "times 3");
    for (const path of await filesOf(folder)) if (path.endsWith(".onnx")) await Deno.remove(path);
    assert.deepEqual(await scaled(folder, 3, "times 3"), { y: [3, 6], traces: 1 });
    assert.deepEqual(await scaled(folder, 3, "times 3"), { y: [3, 6], traces: 0 });
  }));

Deno.test("of engines that compile a function at once, one traces it and the others wait", () =>
  inTemporaryFolder(async (folder) => {
    const results = await Promise.all([1, 2, 3].map(() => scaled(folder, 3, "times 3")));
    assert.deepEqual(results.map(({ y }) => y), [[3, 6], [3, 6], [3, 6]]);
    assert.equal(results.reduce((sum, { traces }) => sum + traces, 0), 1);
    assert.equal((await filesOf(folder)).length, 2, "no lock is left");
  }));

Deno.test("a function that cannot be traced fails with its own error, and leaves no lock", () =>
  inTemporaryFolder(async (folder) => {
    await using engine = await compiledEngine({ threads: 1, cache: folder });
    const broken = () => {
      throw new RangeError("broken");
    };
    for (const _ of ["first", "again"]) {
      await assert.rejects(engine.compile(broken, specs, "broken"), /broken/);
      assert.deepEqual(await filesOf(folder), []);
    }
  }));

Deno.test("the subject of a network's function has its name, each option of the network and each other argument", () => {
  const options = { depth: 8, width: 16, branches: 2, classes: 4 };
  const subjects = [
    subjectOf("step", shakeNet(options)),
    subjectOf("inference", shakeNet(options)),
    subjectOf("step", shakeNet(options), { momentum: 0.9 }),
    subjectOf("step", shakeNet(options), { momentum: 0.8 }),
    ...[{ depth: 14 }, { width: 32 }, { branches: 3 }, { classes: 5 }, { skip: false }, { batchNorm: false }].map((
      other,
    ) => subjectOf("step", shakeNet({ ...options, ...other }))),
    subjectOf("step", shakeNet({ ...options, stem: 2 })),
    subjectOf("step", shakeNet({ ...options, stemFilters: 32 })),
  ];
  assert.equal(new Set(subjects).size, subjects.length);
  assert.equal(subjectOf("step", shakeNet(options)), subjectOf("step", shakeNet(options) as Network));
});
