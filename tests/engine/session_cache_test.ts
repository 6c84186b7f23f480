/** The cache of optimised graphs: with it, without it and in spite of it, training gives the same bytes. */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import { type SumOverProcesses, uploadAll } from "../../engine/engine.ts";
import { openSession } from "../../engine/onnxruntime.ts";
import { SessionCache } from "../../engine/session_cache.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { allReduce, toOnnx, trace } from "../../onnx/internal.ts";
import { useCpu } from "../support/eager.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { type RunOptions, runSteps } from "../support/training_run.ts";

await useCpu();
const net = shakeNet({ depth: 8, width: 16, branches: 2, classes: 4 });
const run: RunOptions = { net, steps: 3, batch: 4, side: 8, shake: "shake-shake-image" };

async function trained(cache?: string) {
  await using engine = await compiledEngine({ threads: 1, cache });
  return await runSteps(engine, run);
}

const plain = await trained();

/** The entries of a cache, by name. */
async function entriesOf(caches: string): Promise<Record<string, Uint8Array>> {
  const entries: [string, Uint8Array][] = [];
  for await (const { name } of Deno.readDir(join(caches, "sessions"))) {
    entries.push([name, await Deno.readFile(join(caches, "sessions", name))]);
  }
  return Object.fromEntries(entries);
}

const graphOf = (factor: number) => trace(({ x }) => ({ y: tf.mul(x!, factor) }), { x: { shape: [2] } });

/** Opens a session in a cache. @returns true if its model was needed */
async function makes(cache: SessionCache, subject: string): Promise<boolean> {
  let made = false;
  const model = () => {
    made = true;
    return toOnnx(graphOf(2));
  };
  await using _session = await cache.session(subject, model, (model, { isOptimised, writeTo }) =>
    openSession(model, {
      ...(isOptimised && { graphOptimizationLevel: "disabled" }),
      ...(writeTo !== undefined && { optimizedModelFilePath: writeTo }),
    }));
  return made;
}

const cacheIn = async (folder: string, version?: string) => (await SessionCache.open(folder, 8, version))!;

Deno.test("three steps give the same bytes without a cache, with an empty one and with a filled one", async () => {
  await inTemporaryFolder(async (folder) => {
    assert.deepEqual(await trained(folder), plain, "empty");
    const entries = await entriesOf(folder);
    assert.equal(Object.keys(entries).length, 1);
    assert.deepEqual(await trained(folder), plain, "filled");
    assert.deepEqual(await entriesOf(folder), entries);
  });
});

const damages: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "is cut short": (bytes) => bytes.subarray(0, -1000),
  "is empty": () => new Uint8Array(),
  "has a changed byte": (bytes) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1),
};
for (const [what, damage] of Object.entries(damages)) {
  Deno.test(`an entry that ${what} is noticed and made again`, async () => {
    await inTemporaryFolder(async (folder) => {
      const cache = await cacheIn(folder);
      await makes(cache, "a");
      const [[name, whole]] = Object.entries(await entriesOf(folder)) as [[string, Uint8Array]];
      await Deno.writeFile(join(folder, "sessions", name), damage(whole));
      assert.equal(await makes(cache, "a"), true);
      assert.deepEqual(await entriesOf(folder), { [name]: whole });
      assert.equal(await makes(cache, "a"), false);
    });
  });
}

Deno.test("an entry under the name of another is noticed and made again", async () => {
  await inTemporaryFolder(async (folder) => {
    const cache = await cacheIn(folder);
    await makes(cache, "a");
    const [a] = Object.keys(await entriesOf(folder));
    await makes(cache, "b");
    const b = Object.keys(await entriesOf(folder)).find((name) => name !== a);
    await Deno.rename(join(folder, "sessions", a!), join(folder, "sessions", b!));
    assert.equal(await makes(cache, "b"), true);
  });
});

Deno.test("another version of onnxruntime, another block and another graph have entries of their own", async () => {
  await inTemporaryFolder(async (folder) => {
    await makes(await cacheIn(folder), "a");
    assert.equal(await makes(await cacheIn(folder), "a"), false);
    assert.equal(await makes(await cacheIn(folder, "0.0.1"), "a"), true);
    assert.equal(await makes((await SessionCache.open(folder, 16))!, "a"), true);
    assert.equal(await makes(await cacheIn(folder), "b"), true);
  });
});

Deno.test("two engines that compile at once make one entry, and leave nothing else behind", async () => {
  await inTemporaryFolder(async (folder) => {
    assert.deepEqual(await Promise.all([trained(folder), trained(folder)]), [plain, plain]);
    const names = Object.keys(await entriesOf(folder));
    assert.equal(names.length, 1);
    assert.match(names[0]!, /^[0-9a-f]{64}\.onnx$/);
  });
});

Deno.test("the entries that were used last stay, 128 MiB and one more file", async () => {
  await inTemporaryFolder(async (folder) => {
    const cache = await cacheIn(folder);
    await makes(cache, "first");
    const [first] = Object.keys(await entriesOf(folder));
    const place = (name: string) => join(folder, "sessions", name);
    for (const [at, name] of ["newest.json", "older.onnx", "oldest.onnx"].entries()) {
      await Deno.create(place(name)).then((file) => file.close());
      await Deno.truncate(place(name), 80 * 2 ** 20);
      await Deno.utime(place(name), 2000 - at, 2000 - at);
    }
    await Deno.utime(place(first!), 1000, 1000);
    await makes(cache, "first");
    await makes(cache, "another");
    const names = Object.keys(await entriesOf(folder));
    assert.equal(names.length, 4);
    for (const name of [first!, "newest.json", "older.onnx"]) assert.ok(names.includes(name), name);
  });
});

Deno.test("where nothing can be written, training goes on without the cache", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "sessions"), "a file is in the place of the folder");
    assert.deepEqual(await trained(folder), plain);
  });
});

Deno.test("a graph that sums over processes gives the same from the cache", async () => {
  const processes: SumOverProcesses = {
    sum: () => Promise.reject(new Error("not called")),
    sumNow: (values) => values.forEach((value, at) => values[at] = 2 * value),
  };
  const x = { shape: [2], data: Float32Array.of(1, 2) };
  const doubled = async (cache: string, subject?: string) => {
    await using engine = await compiledEngine({ threads: 1, processes, cache });
    const sum = ({ x }: tf.NamedTensorMap) => ({ y: tf.add(allReduce(tf.neg(x!)), 1) });
    await using program = await engine.compile(sum, { x: { shape: [2] } }, subject);
    return [...(await (await program.run(uploadAll(engine, { x })))["y"]!.read()).data];
  };
  await inTemporaryFolder(async (folder) => {
    for (const _ of ["empty", "filled"]) assert.deepEqual(await doubled(folder), [-1, -3]);
    assert.equal(Object.keys(await entriesOf(folder)).length, 1);
    for (const _ of ["traced", "known"]) assert.deepEqual(await doubled(folder, "sum"), [-1, -3]);
    assert.equal(Object.keys(await entriesOf(folder)).length, 2, "the graph and the outline");
  });
});
