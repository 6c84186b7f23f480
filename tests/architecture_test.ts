/** The arrows between folders, as `docs/architecture.md` draws them, and no import cycle between files. */
import assert from "#assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The rooms that the files of a room may import. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  data: [],
  model: [],
  onnx: [],
  engine: ["onnx"],
  export: ["onnx", "engine", "model"],
  pipeline: ["data", "engine", "export", "model"],
};

/** Parts of a room by level: a part imports only parts of the levels before its own, none of its own level. */
const levels: Readonly<Record<string, readonly (readonly string[])[]>> = {
  pipeline: [
    ["configuration"],
    ["cli"],
    ["run"],
    ["evaluation", "tensorboard"],
    ["training", "report"],
    ["commands"],
    ["main.ts"],
  ],
  onnx: [["graph"], ["trace", "file"], ["passes"], ["lowerings"], ["edits"], ["to_onnx.ts"], ["layers"], ["training"], [
    "without_tracer.ts",
  ], [
    "internal.ts",
    "mod.ts",
    "package.ts",
  ]],
};

/**
 * Files of pipeline/commands that may import commands: the list, the chain and its missing stages, and the
 * experiment, which runs the chain.
 */
const importsCommands = /^pipeline\/commands\/(mod\.ts|pipeline\.ts|missing_stages\.ts|experiment\/)/;

const folders = [...Object.keys(rooms), "bench", "examples", "tests"];

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory && name !== "node_modules") yield* sources(join(folder, name));
    else if (name.endsWith(".ts")) yield join(folder, name).replaceAll("\\", "/");
  }
}

/** Static, type-only and dynamic imports, re-exports, and modules of workers. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)"(\.[^"]+\.ts)"/g;

/** The files that a source imports. */
function importsOf(file: string, text: string): string[] {
  const code = text.replace(/\/\*[^]*?\*\//g, "");
  const targets = [...code.matchAll(IMPORT)].map(([, path]) => join(dirname(file), path!).replaceAll("\\", "/"));
  return [...new Set(targets)];
}

/** Every file of the program with the files that it imports. */
async function importGraph(): Promise<Map<string, readonly string[]>> {
  const graph = new Map<string, readonly string[]>();
  for (const folder of folders) {
    for await (const file of sources(folder)) graph.set(file, importsOf(file, await Deno.readTextFile(root + file)));
  }
  return graph;
}

const graph = await importGraph();
const edges = [...graph].flatMap(([file, targets]) => targets.map((target) => ({ file, target })));
const roomOf = (file: string) => file.split("/")[0]!;
const partOf = (file: string) => file.split("/")[1]!;

/** Fails with every forbidden import, a line each. */
function forbid(forbidden: readonly { readonly file: string; readonly target: string }[]): void {
  assert.equal(forbidden.map(({ file, target }) => `${file} imports ${target}`).join("\n"), "");
}

Deno.test("imports are found in every form, and in no comment", () => {
  // With "@" for the dots, or this file would be found to import these.
  const text = `
    import { a } from "@/a.ts";
    import type { b } from "@@/b.ts";
    export { type c } from "@/deep/c.ts";
    import "@/d.ts";
    const e = await import("@/e.ts");
    new Worker(new URL("@/f.ts", import.meta.url));
    import { g } from "npm-package";
    /* import { h } from "@/h.ts"; */
    import {
      i,
    } from "@/a.ts";
  `.replaceAll("@", ".");
  const found = ["room/a.ts", "b.ts", "room/deep/c.ts", "room/d.ts", "room/e.ts", "room/f.ts"];
  assert.deepEqual(importsOf("room/file.ts", text), found);
});

Deno.test("every import names a file", () => {
  const missing = edges.filter(({ target }) => !graph.has(target));
  forbid(missing);
});

for (const [room, allowed] of Object.entries(rooms)) {
  Deno.test(`${room}/ imports ${allowed.length > 0 ? `only ${allowed.join(", ")}` : "no other room"}`, () => {
    const own = edges.filter(({ file }) => roomOf(file) === room);
    assert.ok(own.length > 0);
    forbid(own.filter(({ target }) => roomOf(target) !== room && !allowed.includes(roomOf(target))));
  });
}

for (const [room, order] of Object.entries(levels)) {
  const levelOf = (file: string) => order.findIndex((parts) => parts.includes(partOf(file)));

  Deno.test(`every part of ${room}/ has a level, and every level its parts`, () => {
    const parts = new Set([...graph.keys()].filter((file) => roomOf(file) === room).map(partOf));
    assert.deepEqual([...parts].toSorted(), order.flat().toSorted());
  });

  Deno.test(`inside ${room}/ imports lead to the levels before: ${order.map((parts) => parts.join(", ")).join(" < ")}`, () => {
    const inside = edges.filter(({ file, target }) => roomOf(file) === room && roomOf(target) === room);
    assert.ok(inside.length > 0);
    forbid(inside.filter(({ file, target }) => partOf(file) !== partOf(target) && levelOf(target) >= levelOf(file)));
  });
}

Deno.test("a command imports no other command; the chain and the list of commands may", () => {
  const commandOf = (file: string) => file.split("/")[2]!;
  const isCommand = (file: string) => file.startsWith("pipeline/commands/");
  forbid(
    edges.filter(({ file, target }) =>
      isCommand(file) && isCommand(target) && !importsCommands.test(file) && commandOf(file) !== commandOf(target)
    ),
  );
});

/** The files on an import cycle, the first one again at the end, or undefined. */
function importCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>(), path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

Deno.test("a cycle of any length is found, where files that meet again are none", () => {
  const diamond = { a: ["b", "c"], b: ["d"], c: ["d"], d: [] };
  assert.equal(importCycle(new Map(Object.entries(diamond))), undefined);
  assert.deepEqual(importCycle(new Map(Object.entries({ ...diamond, d: ["b"] }))), ["b", "d", "b"]);
  assert.deepEqual(importCycle(new Map([["a", ["a"]]])), ["a", "a"]);
});

Deno.test("no file imports itself by way of others, types included", () => {
  assert.equal(importCycle(graph)?.join("\nimports ") ?? "", "");
});

Deno.test("data/ knows no tensor library", async () => {
  for (const file of [...graph.keys()].filter((file) => roomOf(file) === "data")) {
    assert.doesNotMatch(await Deno.readTextFile(root + file), /from "(@tensorflow|onnxruntime)/, file);
  }
});

/** Imports and re-exports that are loaded with a source: those of types are not, nor those at run time. */
const LOADED = /^(?:import|export)\s+(?!type\b)(?:[^;"]*?\bfrom\s+)?"([^"]+)"/gm;

/** The files that are loaded with a source, itself among them, and the packages, each with a file that imports it. */
async function loadedWith(file: string, loaded = new Map<string, string>()): Promise<Map<string, string>> {
  const code = (await Deno.readTextFile(root + file)).replace(/\/\*[^]*?\*\//g, "");
  for (const [, name] of code.matchAll(LOADED)) {
    const target = name!.startsWith(".") ? join(dirname(file), name!).replaceAll("\\", "/") : name!;
    if (loaded.has(target)) continue;
    loaded.set(target, file);
    if (name!.startsWith(".")) await loadedWith(target, loaded);
  }
  return loaded;
}

Deno.test("training loads the tracer's passes and lowerings only when it traces", async () => {
  const loaded = await loadedWith("pipeline/commands/train.ts");
  assert.ok(loaded.has("engine/compiled.ts"));
  assert.deepEqual([...loaded].filter(([file]) => /^onnx\/(passes|lowerings|to_onnx)/.test(file)), []);
});

Deno.test("the program starts without a tensor library: a command that needs one loads it", async () => {
  const loaded = await loadedWith("pipeline/main.ts");
  assert.deepEqual([...loaded].filter(([name]) => /^(@tensorflow|onnxruntime)/.test(name)), []);
  assert.ok(loaded.has("pipeline/configuration/fields/network.ts"));
});

Deno.test("the path of a module is made by fileURLToPath: a URL's own is wrong on Windows and for names with spaces", async () => {
  for (const file of graph.keys()) {
    const code = await Deno.readTextFile(root + file);
    assert.doesNotMatch(code, /import\.meta\.(url|resolve\([^)]*\))\)\.pathname/, file);
  }
});
