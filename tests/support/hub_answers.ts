/** The classes of pictures by `deno task predict`, and by the card's snippets in the libraries of Hugging Face. */
import { snippets } from "../../export/hugging_face.ts";
import { predict, type Prediction } from "../../pipeline/commands/predict/mod.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import assert from "#assert";
import { outputOf, pythonWith, runs } from "./program.ts";
import { testContext } from "./tiny_run.ts";

/** Has transformers.js, which only these checks need. */
export const PACKAGES = "tests/support/hugging_face";
/** Classes of a picture that the libraries give. */
const CLASSES = 5;
/** Largest difference of a probability. */
const TOLERANCE = 1e-3;

/** Probabilities by class, the likeliest first. */
export type Answer = ReadonlyMap<string, number>;
/** Runs a snippet, and returns what it prints. */
export type RunSnippet = (code: string) => Promise<string>;
export type Language = keyof typeof snippets;

/** The classes by `predict`. */
export async function predicted(model: string, pictures: readonly string[]): Promise<Answer[]> {
  const options = resolveConfiguration("quick", undefined, { model, threads: 1, top: CLASSES });
  const { predictions } = await predict.run(options, testContext({ operands: [...pictures], print() {} }));
  return (predictions as Prediction[]).map((prediction) => {
    assert.ok("classes" in prediction);
    return new Map(prediction.classes.map(({ label, probability }) => [label, probability]));
  });
}

/** The classes by the card's snippet, of a folder for the Hub. */
export async function answersOf(
  { language, run }: { readonly language: Language; readonly run: RunSnippet },
  folder: string,
  pictures: readonly string[],
): Promise<Answer[]> {
  const code = snippets[language].replace("FOLDER", folder).replace('"picture.png"', JSON.stringify(pictures));
  const found = [...(await run(code)).matchAll(/label'?: '([^']*)',\s*'?score'?: ([\d.e-]+)/g)]
    .map(([, label, score]) => [label!, Number(score)] as const);
  const classes = found.length / pictures.length;
  assert.ok(Number.isInteger(classes) && classes > 0, `${found.length} classes of ${pictures.length} pictures`);
  return pictures.map((_, at) => new Map(found.slice(at * classes, (at + 1) * classes)));
}

/**
 * Compares with the answers of `predict`.
 *
 * @returns the largest difference of a probability
 * @throws {Error} if a picture has another likeliest class, or a probability differs by more than 1e-3
 */
export function requireSameAnswers(found: readonly Answer[], expected: readonly Answer[]): number {
  assert.equal(found.length, expected.length);
  const differences = found.flatMap((answer, at) => {
    const [likeliest] = answer.keys(), [wanted] = expected[at]!.keys();
    assert.equal(likeliest, wanted, `the class of picture ${at}`);
    return [...answer].map(([label, probability]) => {
      // Classes that are as likely as each other may change places at the end of the list.
      const difference = Math.abs(probability - (expected[at]!.get(label) ?? [...expected[at]!.values()].at(-1)!));
      assert.ok(difference <= TOLERANCE, `${label} of picture ${at}: ${difference}`);
      return difference;
    });
  });
  return Math.max(...differences);
}

/** Runs a snippet in Node; undefined without Node or transformers.js. */
export async function nodeSnippets(): Promise<RunSnippet | undefined> {
  const isInstalled = await Deno.stat(`${PACKAGES}/node_modules/@huggingface/transformers`).then(
    () => true,
    () => false,
  );
  if (!isInstalled || !await runs("node", ["--version"])) return undefined;
  return async (code) => {
    // Node looks for packages beside the file.
    const file = `${PACKAGES}/${crypto.randomUUID()}.mjs`;
    await Deno.writeTextFile(file, code);
    try {
      return await outputOf("node", [file]);
    } finally {
      await Deno.remove(file);
    }
  };
}

/** Runs a snippet in Python; undefined without one that has optimum and Pillow. */
export async function pythonSnippets(): Promise<RunSnippet | undefined> {
  const python = await pythonWith("optimum.onnxruntime", "PIL");
  return python === undefined ? undefined : (code) => outputOf(python, ["-c", code]);
}
