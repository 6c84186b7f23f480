/** The folder for the Hugging Face Hub loads in its libraries, and classifies there as `deno task predict` does. */
import assert from "#assert";
import { snippets } from "../../export/hugging_face.ts";
import { type InputForm, inputForms } from "../../export/variants.ts";
import { predict, type Prediction } from "../../pipeline/commands/predict/mod.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { useCpu } from "../support/eager.ts";
import { labels } from "../support/exported_file.ts";
import { png, writeHubFolder } from "../support/hub_folder.ts";
import { outputOf, pythonWith, runs } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext } from "../support/tiny_run.ts";

await useCpu();
const PICTURES = 10;
/** Largest difference of a probability. */
const TOLERANCE = 1e-3;
/** Has transformers.js, which only this test needs. */
const packages = "tests/support/hugging_face";
const installed = await Deno.stat(`${packages}/node_modules/@huggingface/transformers`).then(() => true, () => false);
const node = installed && await runs("node", ["--version"]);
const python = await pythonWith("optimum.onnxruntime", "PIL");

async function writePictures(folder: string): Promise<string[]> {
  const paths = Array.from({ length: PICTURES }, (_, at) => `${folder}/${at}.png`);
  for (const [at, path] of paths.entries()) await Deno.writeFile(path, await png(at));
  return paths;
}

/** Probabilities by class. */
type Answer = ReadonlyMap<string, number>;

async function predicted(model: string, pictures: readonly string[]): Promise<Answer[]> {
  const options = resolveConfiguration("quick", undefined, { model, threads: 1, top: labels.length });
  const { predictions } = await predict.run(options, testContext({ operands: [...pictures], print() {} }));
  return (predictions as Prediction[]).map((prediction) => {
    assert.ok("classes" in prediction);
    return new Map(prediction.classes.map(({ label, probability }) => [label, probability]));
  });
}

/** Reads what the snippets print: classes and scores of every picture, the likeliest first. */
function answers(text: string): Answer[] {
  const found = [...text.matchAll(/label'?: '(\w+)',\s*'?score'?: ([\d.e-]+)/g)]
    .map(([, label, score]) => [label!, Number(score)] as const);
  return Array.from(
    { length: found.length / labels.length },
    (_, at) => new Map(found.slice(at * labels.length, (at + 1) * labels.length)),
  );
}

/** Runs the card's snippet on ten pictures and compares with `predict`. */
async function check(language: keyof typeof snippets, input: InputForm, run: (code: string) => Promise<string>) {
  await inTemporaryFolder(async (folder) => {
    await writeHubFolder(folder, input);
    const pictures = await writePictures(folder);
    const expected = await predicted(`${folder}/onnx/model.onnx`, pictures);
    const code = snippets[language].replace("FOLDER", folder).replace('"picture.png"', JSON.stringify(pictures));
    const found = answers(await run(code));
    assert.equal(found.length, PICTURES);
    for (const [at, answer] of found.entries()) {
      const likeliest = (answer: Answer) => answer.keys().next().value;
      assert.equal(likeliest(answer), likeliest(expected[at]!), `the class of picture ${at}`);
      for (const [label, probability] of answer) {
        const difference = Math.abs(probability - expected[at]!.get(label)!);
        assert.ok(difference <= TOLERANCE, `${label} of picture ${at}: ${difference}`);
      }
    }
  });
}

for (const input of inputForms) {
  Deno.test({
    name:
      `the card's snippet for transformers.js classifies as predict does, exported with ${input} (needs node, and ` +
      `npm install in ${packages})`,
    ignore: !node,
    fn: () =>
      check("javascript", input, async (code) => {
        // Node looks for packages beside the file.
        const file = `${packages}/${crypto.randomUUID()}.mjs`;
        await Deno.writeTextFile(file, code);
        try {
          return await outputOf("node", [file]);
        } finally {
          await Deno.remove(file);
        }
      }),
  });
}

Deno.test({
  name: "the card's snippet for Python classifies as predict does (needs Python's optimum[onnxruntime])",
  ignore: python === undefined,
  fn: () => check("python", "uint8-nhwc", (code) => outputOf(python!, ["-c", code])),
});
