import assert from "#assert";
import { toBinary } from "@bufbuild/protobuf";
import sharp from "sharp";
import { InputError } from "../../../../data/files/input_error.ts";
import { shortened } from "../../../../data/printable.ts";
import { withDigest, withMetadata } from "../../../../export/model_file.ts";
import { inputForms } from "../../../../export/variants.ts";
import { ModelProtoSchema, TensorProto_DataLocation } from "../../../../onnx/file/generated/onnx_pb.ts";
import { ModelEditor } from "../../../../onnx/file/model_editor.ts";
import { runPaths } from "../../../../pipeline/run/paths.ts";
import { runCommand } from "../../../../pipeline/cli/run_command.ts";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import { type ClassProbability, predict, type Prediction } from "../../../../pipeline/commands/predict/mod.ts";
import { UsageError } from "../../../../pipeline/configuration/usage_error.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { useCpu } from "../../../support/eager.ts";
import { exportedFile, labels, mean, std } from "../../../support/exported_file.ts";
import { makePipe, oddNames } from "../../../support/odd_files.ts";
import { uniformNumbers } from "../../../support/random_tensors.ts";
import { runOnnx } from "../../../support/run_onnx.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext } from "../../../support/tiny_run.ts";

await useCpu();
const SIDE = 8;

function pixels(seed: number): Uint8Array {
  const next = uniformNumbers(seed);
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 256 * next());
}

const png = (data: Uint8Array) => sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } }).png().toBuffer();

/** Three pictures, two of them in a folder, and something that is none. */
async function pictures(folder: string): Promise<void> {
  await Deno.writeFile(`${folder}/model.onnx`, exportedFile());
  await Deno.mkdir(`${folder}/more`);
  await Deno.writeFile(`${folder}/a.png`, await png(pixels(1)));
  await Deno.writeFile(`${folder}/more/b.png`, await png(pixels(2)));
  await Deno.writeFile(`${folder}/more/c.png`, await png(pixels(3)));
  await Deno.writeTextFile(`${folder}/more/notes.txt`, "no picture");
}

async function predictions(folder: string, operands: readonly string[], fields = {}): Promise<Prediction[]> {
  const configuration = resolveConfiguration("quick", undefined, { model: `${folder}/model.onnx`, ...fields });
  const { predictions } = await predict.run(configuration, testContext({ operands }));
  return predictions as Prediction[];
}

/** The classes of a prediction, or why there are none. */
const classesOf = (prediction?: Prediction): readonly ClassProbability[] =>
  prediction && "classes" in prediction ? prediction.classes : assert.fail(JSON.stringify(prediction));
const errorOf = (prediction?: Prediction): string => prediction && "error" in prediction ? prediction.error : "";

/** The answer of the file for the pixels of a seed, by label. */
async function expected(seed: number): Promise<Record<string, number>> {
  const data = new Float32Array(SIDE * SIDE * 3);
  pixels(seed).forEach((byte, at) => {
    const channel = at % 3;
    data[channel * SIDE * SIDE + Math.floor(at / 3)] = (byte / 255 - mean[channel]!) / std[channel]!;
  });
  const { probabilities } = await runOnnx(exportedFile(), { image: { shape: [1, 3, SIDE, SIDE], data } });
  return Object.fromEntries(labels.map((label, at) => [label, probabilities!.data[at]!]));
}

Deno.test("files, folders and patterns are classified as the file says, in batches, the likeliest class first", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const found = await predictions(folder, [`${folder}/a.png`, `${folder}/more`, `${folder}/*/*.png`], { batch: 2 });
    const names = ["a.png", "more/b.png", "more/c.png", "more/b.png", "more/c.png"];
    assert.deepEqual(found.map(({ picture }) => picture), names.map((name) => `${folder}/${name}`));
    for (const [at, seed] of [1, 2, 3, 2, 3].entries()) {
      const classes = classesOf(found[at]);
      const wanted = await expected(seed);
      assertClose(classes.map(({ probability }) => probability), classes.map(({ label }) => wanted[label]!), 1e-5);
      assert.deepEqual(classes, classes.toSorted((a, b) => b.probability - a.probability));
    }
    const [first] = await predictions(folder, [`${folder}/a.png`], { top: 1 });
    assert.equal(classesOf(first).length, 1);
  }));

Deno.test("all forms of input predict the same", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const found: number[][] = [];
    for (const input of inputForms) {
      await Deno.writeFile(`${folder}/model.onnx`, exportedFile(input));
      const [one] = await predictions(folder, [`${folder}/a.png`]);
      found.push(classesOf(one).map(({ probability }) => probability));
    }
    for (const one of found) assertClose(one, found[0]!, 1e-5);
  }));

Deno.test("a picture that cannot be read is named, and the others are classified", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const operands = [`${folder}/more/notes.txt`, `${folder}/a.png`];
    const context = testContext({ operands });
    const configuration = resolveConfiguration("quick", undefined, { model: `${folder}/model.onnx`, format: "jsonl" });
    await assert.rejects(
      predict.run(configuration, context),
      (error) => error instanceof InputError && /^1 of 2 pictures cannot be read: \S+notes.txt \(/.test(error.message),
    );
    const [bad, good] = context.printed.map((line) => JSON.parse(line));
    assert.ok(bad.error && bad.picture.endsWith("notes.txt") && good.classes.length === 3);
    assert.equal((await predictions(folder, operands, { unreadable: "skip" })).length, 2);
  }));

Deno.test("the table has a row a picture with the classes below each other", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const context = testContext({ operands: [`${folder}/a.png`, `${folder}/more/b.png`] });
    await predict.run(resolveConfiguration("quick", undefined, { model: `${folder}/model.onnx` }), context);
    assert.match(context.printed[0]!, /a\.png {7}(circle|square|star {2}) [ \d]{3}\.\d % {2}(circle|square|star {2}) /);
    assert.equal(new Set(context.printed.map((line) => line.length)).size, 1);
  }));

Deno.test("URLs are fetched when that is allowed, up to a size, and a server's refusal is named", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const picture = await Deno.readFile(`${folder}/a.png`);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
      if (url.endsWith("/a.png")) return new Response(picture);
      return url.endsWith("/large") ? new Response(new Uint8Array(40 << 20)) : new Response("none", { status: 404 });
    });
    const base = `http://127.0.0.1:${server.addr.port}`;
    try {
      await assert.rejects(predictions(folder, [`${base}/a.png`]), UsageError);
      const found = await predictions(folder, [`${base}/a.png`, `${base}/none`, `${base}/large`], {
        ...{ urls: true, unreadable: "skip" },
      });
      const [fetched, none, large] = found;
      const [local] = await predictions(folder, [`${folder}/a.png`]);
      assert.deepEqual(classesOf(fetched), classesOf(local));
      assert.match(errorOf(none), /the server answers 404/);
      assert.match(errorOf(large), /more than 33554432 bytes/);
    } finally {
      await server.shutdown();
    }
  }));

Deno.test("what is not there, no model or no picture is one sentence", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const refuses = (operands: string[], says: RegExp, fields = {}) =>
      assert.rejects(predictions(folder, operands, fields), (error) =>
        error instanceof InputError && says.test(error.message));
    await refuses([`${folder}/z.png`], /z\.png does not exist$/);
    await refuses([`${folder}/*.gif`], /^no file matches \S+\*\.gif$/);
    await refuses([`${folder}/a.png`], /none\.onnx does not exist; name an exported model with --model$/, {
      model: `${folder}/none.onnx`,
    });
    await refuses([`${folder}/a.png`], /a\.png is not a model of `deno task export`: /, { model: `${folder}/a.png` });
    const error = console.error, lines: string[] = [];
    console.error = (line: string) =>
      lines.push(line);
    try {
      assert.equal(await runCommand(predict, { summary: "Classify.", examples: [] }, []), 2);
    } finally {
      console.error = error;
    }
    assert.match(lines[0]!, /predict needs at least one PICTURE/);
  }));

Deno.test("a model of which a bit changed since its export is refused", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const bytes = exportedFile();
    for (const at of [100, Math.floor(bytes.length / 2), bytes.length - 200]) {
      await Deno.writeFile(`${folder}/model.onnx`, bytes.with(at, bytes[at]! ^ 1));
      await assert.rejects(predictions(folder, [`${folder}/a.png`]), InputError);
    }
  }));

/** Changes an exported file as somebody could who also renews its digest. */
function changed(change: (editor: ModelEditor) => void, metadata: Readonly<Record<string, string>> = {}) {
  const editor = new ModelEditor(exportedFile());
  change(editor);
  return withDigest(withMetadata(toBinary(ModelProtoSchema, editor.model), metadata));
}

Deno.test("a model whose weights or normalisation give no probabilities is refused, not quoted", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const refuses = async (bytes: Uint8Array, says: RegExp) => {
      await Deno.writeFile(`${folder}/model.onnx`, bytes);
      const context = testContext({ operands: [`${folder}/a.png`] });
      const options = resolveConfiguration("quick", undefined, { model: `${folder}/model.onnx` });
      await assert.rejects(
        predict.run(options, context),
        (error) => error instanceof InputError && error.exitCode === 1 && says.test(error.message),
      );
      assert.deepEqual(context.printed, []);
    };
    const filled = (value: number) =>
      changed(({ graph }) => {
        for (const { rawData } of graph.initializer) {
          const numbers = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
          if (rawData.length > 100) {
            for (let at = 0; at < rawData.length; at += 4) numbers.setFloat32(at, value, true);
          }
        }
      });
    for (const value of [NaN, Infinity, 3e38]) {
      await refuses(filled(value), /^the model gives probabilities that are not/);
    }
    const normalisation = JSON.stringify({ mean, std: [1e-320, 1, 1] });
    await refuses(changed(() => {}, { normalisation }), /: its normalisation gives numbers that are not finite$/);
    await refuses(
      changed(({ graph }) => graph.initializer[0]!.dataLocation = TensorProto_DataLocation.EXTERNAL),
      /: some of its weights are in another file$/,
    );
    await refuses(
      changed(() => {}, { fit: `\x1b${"x".repeat(1e6)}` }),
      /^the model's metadata has fit "\\u001bx{79}…"/,
    );
  }));

Deno.test(
  "a model or a picture that is no file is refused at once",
  { ignore: Deno.build.os === "windows" },
  () =>
    inTemporaryFolder(async (folder) => {
      await pictures(folder);
      const [picture, pipe] = [`${folder}/a.png`, `${folder}/pipe.png`];
      await makePipe(pipe);
      await Deno.writeFile(`${folder}/empty`, new Uint8Array());
      await Deno.writeFile(`${folder}/sparse`, new Uint8Array());
      await Deno.truncate(`${folder}/sparse`, 6 * 2 ** 30);
      const refuses = (model: string, says: RegExp) =>
        assert.rejects(
          predictions(folder, [picture], { model }),
          (error) => error instanceof InputError && says.test(error.message),
        );
      await refuses("/dev/zero", /^cannot read \/dev\/zero: it is a pipe or a device$/);
      await refuses(pipe, /it is a pipe or a device$/);
      await refuses(`${folder}/more`, /it is a folder$/);
      await refuses(`${folder}/more/notes.txt`, /it is no ONNX file, or it is cut off or damaged$/);
      await refuses(`${folder}/empty`, /empty is not a model of `deno task export`: /);
      await refuses(`${folder}/sparse`, /it has 6442\.5 MB, and 2147\.5 MB is the most/);
      const [first, second, third] = await predictions(folder, [pipe, `${folder}/sparse`, picture], {
        unreadable: "skip",
      });
      assert.equal(errorOf(first), "it is a pipe or a device");
      assert.match(errorOf(second), /^the file has more than 512 MiB$/);
      assert.equal(classesOf(third).length, 3);
    }),
);

Deno.test("classes and pictures of any name are printed on their line, without control characters", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const names = [...oddNames, "line\nbreak"];
    const three = (at: number) => [0, 1, 2].map((label) => names[(at + label) % names.length]!);
    const picture = `${folder}/a\n\x1b[31m\u202e.png`;
    await Deno.rename(`${folder}/a.png`, picture);
    const options = { model: `${folder}/model.onnx`, top: 3 };
    for (let at = 0; at < names.length; at += 3) {
      const bytes = changed(() => {}, { labels: JSON.stringify(three(at)) });
      await Deno.writeFile(`${folder}/model.onnx`, bytes);
      const context = testContext({ operands: [picture] });
      await predict.run(resolveConfiguration("quick", undefined, options), context);
      const [line] = context.printed;
      assert.doesNotMatch(line!, /[\p{Cc}\p{Bidi_Control}\u2028]/u);
      assert.ok(line!.length < 600 && line!.includes("a\\n\\u001b[31m\\u202e.png"), `${line}`);
      for (const name of three(at)) assert.ok(line!.includes(shortened(name)), name);
      const [prediction] = await predictions(folder, [picture], options);
      assert.deepEqual(classesOf(prediction).map(({ label }) => label).toSorted(), three(at).toSorted());
    }
  }));

Deno.test("a model that is older than the run's data is refused, unless it is named with --model", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const configuration = resolveConfiguration("quick", undefined, { runs: `${folder}/runs`, run: "tiny" });
    const paths = runPaths(configuration);
    await Deno.mkdir(paths.folder, { recursive: true });
    await Deno.copyFile(`${folder}/model.onnx`, paths.model);
    const split = { images: 1, digest: "1" };
    const data = {
      digest: "1",
      name: "pictures",
      labels,
      imageShape: [SIDE, SIDE, 3],
      mean,
      std,
      train: split,
      test: split,
    };
    const write = (change: object) => Deno.writeTextFile(paths.data, JSON.stringify({ ...data, ...change }));
    const classified = (fields = {}) =>
      predict.run({ ...configuration, ...fields }, testContext({ operands: [`${folder}/a.png`] }));
    await write({});
    await classified();
    await write({ labels: [...labels.slice(1), "zebra"] });
    await assert.rejects(
      classified(),
      (error) =>
        error instanceof InputError &&
        /model\.onnx is older than the run's data: its classes are now .* with zebra; run `deno task evaluate --run tiny --runs \S+`/
          .test(error.message),
    );
    await classified({ model: paths.model });
  }));

Deno.test("features are printed where the model has them, and a model without them says how to get them", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    await assert.rejects(
      predictions(folder, [`${folder}/a.png`], { features: true }),
      /has no output called features; name a model that is exported with --features$/,
    );
    // The model of a run is exported again; a file may be of any run.
    await Deno.mkdir(`${folder}/mine`);
    await Deno.copyFile(`${folder}/model.onnx`, `${folder}/mine/model.onnx`);
    const ofRun = resolveConfiguration("quick", undefined, { features: true, run: "mine", runs: folder });
    await assert.rejects(
      predict.run(ofRun, testContext({ operands: [`${folder}/a.png`] })),
      /has no output called features; run `deno task export --run mine --runs \S+ --features` first$/,
    );
    await Deno.writeFile(`${folder}/model.onnx`, exportedFile("float32-nchw", SIDE, { features: true }));
    const operands = [`${folder}/more/notes.txt`, `${folder}/a.png`, `${folder}/more/b.png`];
    const found = await predictions(folder, operands, { features: true, unreadable: "skip", batch: 2 });
    const features = found.map((prediction) => "features" in prediction ? prediction.features! : []);
    assert.deepEqual(features.map(({ length }) => length), [0, 8, 8]);
    assert.notDeepEqual(features[1], features[2]);
    const [alone] = await predictions(folder, [`${folder}/more/b.png`], { features: true });
    assertClose("features" in alone! ? alone.features! : [], features[2]!, 1e-5);
    const [without] = await predictions(folder, [`${folder}/a.png`]);
    assert.ok(!("features" in without!));
  }));

Deno.test("a picture on standard input is classified as the file is", () =>
  inTemporaryFolder(async (folder) => {
    await pictures(folder);
    const [expected] = await predictions(folder, [`${folder}/a.png`]);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "pipeline/main.ts",
        "predict",
        "-",
        "--model",
        `${folder}/model.onnx`,
        "--json",
      ],
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(await Deno.readFile(`${folder}/a.png`));
    await writer.close();
    const { stdout } = await child.output();
    const { result } = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(result.predictions[0].picture, "-");
    assert.deepEqual(result.predictions[0].classes, JSON.parse(JSON.stringify(classesOf(expected))));
  }));
