/** The command line as a process: exit codes, signals, permissions. */
import assert from "#assert";
import { fileURLToPath } from "node:url";
import { runPaths } from "../../pipeline/run/paths.ts";
import { train } from "../../pipeline/commands/train.ts";
import { ended } from "../support/mpi.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";
import { waitUntil } from "../support/wait_until.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function start(permissions: string[], args: string[]): Deno.ChildProcess {
  const all = ["run", "--no-prompt", "--no-check", ...permissions, `${root}pipeline/main.ts`, ...args];
  return new Deno.Command(Deno.execPath(), {
    args: all,
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const run = (permissions: string[], args: string[]) => ended(start(permissions, args));

Deno.test("without a command, and with --help, the commands and their flags are listed", async () => {
  const [commands, flags] = await Promise.all([
    run(["--allow-read"], []),
    run(["--allow-read"], ["download", "--help"]),
  ]);
  assert.equal(commands.code, 0);
  for (const name of ["pipeline", "download", "preprocess", "train", "evaluate", "export"]) {
    assert.match(commands.stdout, new RegExp(`deno task ${name} `));
  }
  assert.match(flags.stdout, /--dataset NAME .*\(shapes,\s+cifar-10,\s+cifar-100/s);
});

Deno.test("an unknown command and an unknown flag exit with 2 and one line", async () => {
  const [command, flag] = await Promise.all([
    run(["--allow-read"], ["trian"]),
    run(["--allow-read"], ["download", "--datset", "x"]),
  ]);
  assert.deepEqual([command.code, flag.code], [2, 2]);
  assert.equal(command.stderr, "error: trian is not a command; did you mean train?\n");
  assert.equal(flag.stderr, "error: --datset is not a flag of download; did you mean --dataset?\n");
});

Deno.test("an unknown command with --json prints the error as JSON too", async () => {
  const { code, stdout } = await run(["--allow-read"], ["trian", "--json"]);
  const error = { message: "trian is not a command; did you mean train?", exitCode: 2 };
  assert.equal(code, 2);
  assert.deepEqual(JSON.parse(stdout), { command: "trian", ok: false, error });
});

Deno.test("what Deno does not allow is one line and exit code 1", async () => {
  const { code, stderr } = await run(["--allow-read"], ["download", "--quiet", "--cache", "/nowhere"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: Deno did not allow write access to .*; say yes when it asks/);
});

Deno.test("with --json each stage's result, and nothing else, is on standard output", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const file = `${folder}/config.json`;
    await Deno.writeTextFile(file, JSON.stringify(configuration));
    const permissions = ["--allow-read", `--allow-write=${folder}`, "--allow-ffi", "--allow-env", "--allow-sys"];
    const results: Record<string, Record<string, unknown>> = {};
    for (const stage of ["train", "evaluate", "export"]) {
      const { code, stdout } = await run(permissions, [stage, "--config", file, "--json"]);
      assert.equal(code, 0);
      const { command, ok, result } = JSON.parse(stdout);
      assert.deepEqual([command, ok], [stage, true]);
      results[stage] = result;
    }
    const { train, evaluate, export: exported } = results;
    assert.deepEqual([train!["run"], train!["step"], train!["epochs"], train!["upToDate"]], ["tiny", 8, 2, false]);
    assert.equal(evaluate!["images"], 20);
    assert.equal(exported!["passed"], true);
  }));

/** Starts a command, and sends a signal when it has said something, once or until it ends; gives how it ended. */
async function signalled(
  args: string[],
  folder: string,
  says: string,
  signal: Deno.Signal,
  times: 1 | "until it ends",
) {
  const permissions = ["--allow-read", `--allow-write=${folder}`, "--allow-ffi", "--allow-env", "--allow-sys"];
  await using child = start(permissions, args);
  const decoder = new TextDecoder();
  const { status } = child;
  let said = "", isOver = false, sending: Promise<void> | undefined;
  status.then(() => isOver = true);
  const send = async () => {
    // A signal that comes before the one ahead was noticed is dropped, so two would not do.
    do {
      child.kill(signal);
      await Promise.race([status, new Promise((resolve) => setTimeout(resolve, 100))]);
    } while (times !== 1 && !isOver);
  };
  for await (const chunk of child.stderr) {
    said += decoder.decode(chunk, { stream: true });
    if (said.includes(says)) sending ??= send();
  }
  await sending;
  await child.stdout.cancel();
  return { ...await status, said };
}

Deno.test("a signal stops an evaluation at once; a second one does not wait for what is being computed", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1, validation: "none" }, 6000);
    await train.run(configuration, testContext());
    const { runs, run, cache } = configuration;
    // The reference holds the main thread for the whole of a batch.
    const args = [
      "evaluate",
      "--runs",
      runs,
      "--run",
      run,
      "--cache",
      cache,
      "--test-time-augmentation",
      "10-crop",
      "--engine",
    ];
    const once = await signalled([...args, "onnxruntime"], folder, "engine:", "SIGHUP", 1);
    assert.deepEqual([once.code, once.signal], [129, null], once.said);
    const twice = await signalled([...args, "cpu"], folder, "engine:", "SIGINT", "until it ends");
    assert.deepEqual([twice.code, twice.signal], [130, "SIGINT"], twice.said);
    await assert.rejects(Deno.stat(runPaths(configuration).evaluation), Deno.errors.NotFound);
  }));

for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} saves the run, says how to continue and exits with ${exitCode}`, () =>
    inTemporaryFolder(async (folder) => {
      const configuration = await tinyRun(folder, { epochs: 10_000 });
      const file = `${folder}/config.json`;
      await Deno.writeTextFile(file, JSON.stringify(configuration));
      const permissions = [
        "--allow-read",
        `--allow-write=${folder}`,
        "--allow-ffi",
        "--allow-env=OMPI_COMM_WORLD_SIZE",
      ];
      await using child = start(permissions, ["train", "--config", file]);
      const output = ended(child);
      const { metrics, last } = runPaths(configuration);
      const begun = () => Deno.readTextFile(metrics).then((text) => text.includes('"step":3,'), () => false);
      await waitUntil("step 3", begun, output);
      child.kill(signal);
      const { code, stderr } = await output;
      assert.equal(code, exitCode);
      assert.match(
        stderr,
        /train: stopped after step \d+ of 40000; continue with\n {2}deno task train --config \S+\/runs\/tiny\/config\.json --resume\n/,
      );
      assert.ok((await Deno.stat(last)).isFile);
    }));
}
