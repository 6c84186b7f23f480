import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import type { Command, Context, Result } from "../../../pipeline/cli/command.ts";
import { runCommand } from "../../../pipeline/cli/run_command.ts";
import type { Configuration } from "../../../pipeline/configuration/fields.ts";

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
    const code = await runCommand(command, { summary: "Train.", examples: [] }, args);
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
  "an unknown flag": [["--dept", "8"], /^error: --dept is not a flag of train; did you mean --depth\?$/],
  "a bad value": [["--depth", "seven"], /^error: --depth: "seven" is not 6 k \+ 2/],
};

for (const [what, [args, says]] of Object.entries(refused)) {
  Deno.test(`exit code 2 and one sentence: ${what}`, async () => {
    const { code, configuration, printed } = await run(args);
    assert.equal(code, 2);
    assert.match(printed, says);
    assert.equal(configuration, undefined, "the command did not run");
  });
}

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

Deno.test("a command receives only the fields that it declares, in the order of the configuration", async () => {
  const { configuration } = await run(["--init", "a.safetensors"]);
  assert.deepEqual(Object.keys(configuration!), ["depth", "learningRate", "shuffle", "init"]);
});

Deno.test("help comes before every error and runs nothing", async () => {
  for (const args of [["-h"], ["--help"], ["--frobnicate", "--help", "all"]]) {
    const { code, configuration, printed } = await run(args);
    assert.deepEqual([code, configuration], [0, undefined]);
    assert.match(printed, /^Train\.\n\nUsage: deno task train \[flags\]\n/);
  }
});

Deno.test("a message has no control characters and is cut", async () => {
  const { printed } = await run(["--quiet"], () => {
    throw new InputError(`\x1b]0;title\x07${"x".repeat(1e6)}`);
  });
  assert.ok(printed.startsWith("error: \\u001b]0;title\\u0007xxx") && printed.length < 5000);
});

Deno.test("with --json a result has no control characters and no marks of direction, and reads as it was", async () => {
  const labels = ["C1 \x9b31m", "\u202eRTL", "line\u2028", "\x1b[31m"];
  const { printed } = await run(["--json"], () => ({ labels }));
  assert.doesNotMatch(printed, /[\p{Cc}\p{Bidi_Control}\u2028]/u);
  assert.deepEqual(JSON.parse(printed).result, { labels });
});
