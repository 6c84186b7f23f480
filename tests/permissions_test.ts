/** The permissions of the tasks in deno.json. */
import assert from "#assert";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};

/** Tasks of those who work on the program; they start other programs, with all that those may do. */
const starting = ["bench", "hub-pictures", "kill-resume", "kill-rank", "stop-rank", "kill-experiment", "test", "ok"];

const flagsOf = (command: string): string[] =>
  command.split(/\s+/).filter((word) => word.startsWith("-") && !word.startsWith("--check"));

const of = (flags: readonly string[], kind: string): string | undefined =>
  flags.find((flag) => flag === `--allow-${kind}` || flag.startsWith(`--allow-${kind}=`));

for (const [name, { command }] of Object.entries(tasks)) {
  Deno.test(`task ${name} has not all permissions, and names where it writes and what it reaches`, () => {
    const flags = flagsOf(command);
    assert.ok(!flags.some((flag) => ["-A", "--allow-all", "-P"].includes(flag)), command);
    if (name === "test" || name === "ok") return;
    for (const kind of ["write", "net", "import"]) assert.notEqual(of(flags, kind), `--allow-${kind}`, command);
    if (!starting.includes(name) && !name.startsWith("setup:")) {
      assert.notEqual(of(flags, "run"), "--allow-run", command);
    }
  });
}

interface Scope {
  readonly writes: readonly string[];
  readonly reaches: readonly string[];
  /** True if it computes, on libraries that only the system knows the places of: graphics drivers, TensorFlow, Open MPI. */
  readonly loads?: boolean;
}

/** The things that each stage may write, reach and load; all else it may not. */
const stages: Readonly<Record<string, Scope>> = {
  download: { writes: [".cache"], reaches: ["www.cs.toronto.edu"] },
  inspect: { writes: [".cache"], reaches: [] },
  preprocess: { writes: [".cache"], reaches: [] },
  train: { writes: [".cache", "runs"], reaches: [], loads: true },
  "find-rate": { writes: [".cache", "runs"], reaches: [], loads: true },
  evaluate: { writes: [".cache", "runs"], reaches: [], loads: true },
  export: { writes: [".cache", "runs"], reaches: [], loads: true },
  pipeline: { writes: [".cache", "runs"], reaches: ["www.cs.toronto.edu"], loads: true },
  experiment: { writes: [".cache", "runs"], reaches: ["www.cs.toronto.edu"], loads: true },
  correlate: { writes: ["runs"], reaches: [], loads: true },
  "augment-preview": { writes: ["runs"], reaches: [] },
  runs: { writes: ["runs"], reaches: [] },
  report: { writes: ["runs"], reaches: [] },
  watch: { writes: [], reaches: ["127.0.0.1"] },
  completion: { writes: [], reaches: [] },
  predict: { writes: ["explained"], reaches: [] },
};

const folders = [".cache", "runs", "explained", ".", "pipeline", "node_modules", ".git", "/", "/etc", "/tmp"];
const hosts = ["www.cs.toronto.edu", "toronto.edu", "example.com", "127.0.0.1", "example.org"];

/** Asks Deno, in a process with the task's own flags, which of some things it may do. */
async function allowed(command: string, asked: readonly Deno.PermissionDescriptor[]): Promise<boolean[]> {
  const script = `console.log(JSON.stringify(${JSON.stringify(asked)}.map((one) => ` +
    `Deno.permissions.querySync(one).state === "granted")))`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flagsOf(command), `data:application/javascript,${encodeURIComponent(script)}`],
    cwd: root,
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const [stage, { writes, reaches, loads = false }] of Object.entries(stages)) {
  Deno.test(`task ${stage} may write ${writes.join(" and ") || "nothing"} and reach ${reaches.join() || "nothing"}, and nothing else`, async () => {
    const { command } = tasks[stage]!;
    const written = folders.map((path) => ({ name: "write" as const, path }));
    const reached = hosts.map((host) => ({ name: "net" as const, host }));
    const others: Deno.PermissionDescriptor[] = [
      { name: "run" },
      { name: "run", command: "sh" },
      { name: "write" },
      { name: "net" },
    ];
    const libraries: Deno.PermissionDescriptor[] = [{ name: "ffi" }, { name: "ffi", path: "/usr/lib/libc.so.6" }];
    const answers = await allowed(command, [...written, ...reached, ...others, ...libraries]);
    assert.deepEqual(folders.filter((_, at) => answers[at]), writes);
    assert.deepEqual(hosts.filter((_, at) => answers[folders.length + at]), reaches);
    const rest = answers.slice(folders.length + hosts.length);
    assert.deepEqual(rest, [...others.map(() => false), ...libraries.map(() => loads)]);
  });
}

/** The imports of a computed path: callers name a file beside them, or it is the one path that its type allows. */
const lateImport = "import(new URL(path, url).href)";

Deno.test("code is loaded from the program alone: every import names what it loads", async () => {
  let late = 0;
  for (const room of ["data", "model", "onnx", "engine", "export", "pipeline"]) {
    for await (const text of sourcesIn(`${root}${room}`)) {
      late += text.split(lateImport).length - 1;
      const others = text.replaceAll(lateImport, "");
      assert.doesNotMatch(others, /\bimport\((?!")|\beval\(|new Function\(|\bimportScripts\(/);
      assert.doesNotMatch(others, /\blate(?:<typeof import\("(\.\/[\w/]+\.ts)"\)>\("(?!\1")|\()/);
    }
  }
  assert.equal(late, 2);
});

async function* sourcesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sourcesIn(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield await Deno.readTextFile(`${folder}/${name}`);
  }
}
