import assert from "node:assert/strict";
import { InputError } from "../../../data/files/input_error.ts";
import type { Command, Context, Result } from "../../../pipeline/cli/command.ts";
import { runCommand } from "../../../pipeline/cli/run_command.ts";
import type { Configuration } from "../../../pipeline/configuration/fields.ts";
import { helpText } from "../../../pipeline/cli/flags.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

/** Runs a command with some flags; gives its exit code, what it was called with and what was printed. */
async function run(args: string[], body: (context: Context) => Result | void = () => {}) {
  let called: { configuration: Configuration; context: Context } | undefined;
  const command: Command = {
    name: "train",
    fields: ["depth", "learningRate", "shuffle", "init"],
    resumes: true,
    async run(configuration, context) {
      called = { configuration, context };
      return await body(context) ?? {};
    },
  };
  const printed: string[] = [];
  const { log, error } = console;
  console.log = console.error = (line: string) => printed.push(line);
  try {
    const code = await runCommand(command, "Train.", args);
    return { code, ...called, printed: printed.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("flags set fields, --no-NAME unsets a boolean, --name=value works as --name value", async () => {
  const { code, configuration } = await run(["--depth", "14", "--learning-rate=0.2", "--no-shuffle"]);
  const { depth, learningRate, shuffle } = configuration!;
  assert.deepEqual({ code, depth, learningRate, shuffle }, { code: 0, depth: 14, learningRate: 0.2, shuffle: false });
});

Deno.test("switches reach the command", async () => {
  const { context } = await run(["--force", "--resume", "--quiet"]);
  assert.deepEqual([context!.force, context!.resume, context!.quiet], [true, true, true]);
});

const refused: Record<string, [string[], RegExp]> = {
  "an unknown flag, with the one that was meant": [
    ["--dept", "8"],
    /^error: --dept is not a flag of train; did you mean --depth\?$/,
  ],
  "an unknown flag like no other": [
    ["--frobnicate"],
    /^error: --frobnicate is not a flag of train; deno task train --help lists them$/,
  ],
  "another command's flag": [["--opset", "17"], /^error: --opset is not a flag of train/],
  "a bad value": [["--depth", "seven"], /^error: --depth: "seven" is not 6 k \+ 2/],
  "a flag without its value": [["--depth"], /^error: --depth needs a value$/],
  "a switch with a value": [["--force=yes"], /^error: --force takes no value$/],
  "an argument": [["quick"], /^error: train takes no argument "quick", only flags$/],
  "a configuration that is not there": [
    ["--config", "/nowhere.json"],
    /^error: --config: \/nowhere\.json cannot be read$/,
  ],
};

for (const [what, [args, says]] of Object.entries(refused)) {
  Deno.test(`exit code 2 and one sentence: ${what}`, async () => {
    const { code, configuration, printed } = await run(args);
    assert.equal(code, 2);
    assert.match(printed, says);
    assert.equal(configuration, undefined, "the command did not run");
  });
}

Deno.test("a configuration file sets fields, one that is not JSON is refused", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.json`, '{"depth": 20}');
    assert.equal((await run(["--config", `${folder}/a.json`])).configuration!.depth, 20);
    await Deno.writeTextFile(`${folder}/a.json`, "{");
    assert.match((await run(["--config", `${folder}/a.json`])).printed, /a\.json is not JSON$/);
  }));

Deno.test("an error of a user is a line and its exit code, a bug keeps its stack", async () => {
  const { code, printed } = await run([], () => {
    throw new InputError("a.bin is cut off");
  });
  assert.deepEqual([code, printed], [1, "error: a.bin is cut off"]);
  await assert.rejects(
    run([], () => {
      throw new TypeError("bug");
    }),
    TypeError,
  );
});

Deno.test("with --json standard output is one line of JSON: the result", async () => {
  const { printed } = await run(["--json"], ({ print }) => {
    print("for people");
    return { accuracy: 0.5 };
  });
  assert.deepEqual(JSON.parse(printed), { command: "train", ok: true, result: { accuracy: 0.5 } });
});

Deno.test("without --json the result is what was printed", async () => {
  const { printed } = await run(["--quiet"], ({ print }) => {
    print("for people");
    return { accuracy: 0.5 };
  });
  assert.equal(printed, "for people");
});

Deno.test("with --json an error, also of a flag, is JSON too, beside its line", async () => {
  const { code, printed } = await run(["--dept", "8", "--json"]);
  const [line, json] = printed.split("\n");
  const message = "--dept is not a flag of train; did you mean --depth?";
  assert.deepEqual([code, line], [2, `error: ${message}`]);
  assert.deepEqual(JSON.parse(json!), { command: "train", ok: false, error: { message, exitCode: 2 } });
});

Deno.test("help names every flag with its default and its presets' values", async () => {
  const { code, configuration, printed } = await run(["--help"]);
  assert.deepEqual([code, configuration], [0, undefined]);
  for (
    const flag of [
      "--depth",
      "--learning-rate",
      "--no-shuffle",
      "--init",
      "--preset",
      "--config",
      "--resume",
      "--force",
      "--quiet",
    ]
  ) {
    assert.match(printed, new RegExp(`${flag}\\b`));
  }
  assert.match(printed, /--depth VALUE .*default 8, 14 in cifar10-small, .*26 in cifar10/);
  assert.equal(helpText({ name: "x", fields: [], run: () => Promise.resolve({}) }, "X.").includes("--resume"), false);
});
