/**
 * Classifies pictures with the Hugging Face folder of a run, in transformers.js and in Python's transformers with optimum, and
 * requires the class and the probabilities of `predict` to 1e-3. The pictures have the network's size: larger ones are resized
 * by the libraries, to other bytes.
 *
 *     deno task hub-pictures RUN_FOLDER PICTURES
 */
import {
  type Answer,
  answersOf,
  nodeSnippets,
  predicted,
  pythonSnippets,
  requireSameAnswers,
} from "../support/hub_answers.ts";

/** Pictures that are compared, spread evenly over the folder. */
const MOST = 10;

const [run, pictures] = Deno.args;
if (run === undefined || pictures === undefined) {
  console.error("hub-pictures needs the folder of an exported run and a folder of pictures: runs/quick pictures");
  Deno.exit(2);
}

/** The paths of the pictures in a folder and its folders. */
async function picturesIn(folder: string): Promise<string[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).toSorted((a, b) => a.name < b.name ? -1 : 1);
  const found = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return picturesIn(path);
    return /\.(png|jpe?g|webp)$/i.test(name) ? [path] : [];
  }));
  return found.flat();
}

/** So many items, evenly spread over a list. */
const spread = <Item>(items: readonly Item[], count: number): Item[] =>
  items.length <= count
    ? [...items]
    : Array.from({ length: count }, (_, at) => items[Math.floor(at * items.length / count)]!);

const chosen = spread(await picturesIn(pictures), MOST);
if (chosen.length === 0) throw new Error(`${pictures} has no pictures; name a folder of PNG, JPEG or WebP files`);
const expected: readonly Answer[] = await predicted(`${run}/model.onnx`, chosen);
const libraries = {
  javascript: {
    name: "transformers.js",
    run: await nodeSnippets(),
    remedy: "npm install in tests/support/hugging_face",
  },
  python: {
    name: "transformers with optimum",
    run: await pythonSnippets(),
    remedy: 'pip install "optimum[onnxruntime]" pillow',
  },
} as const;
for (const language of ["javascript", "python"] as const) {
  const { name, run: snippet, remedy } = libraries[language];
  if (!snippet) {
    console.log(`${name}: not here; ${remedy}`);
    continue;
  }
  const found = await answersOf({ language, run: snippet }, await Deno.realPath(`${run}/export/huggingface`), chosen);
  const difference = requireSameAnswers(found, expected);
  console.log(
    `${name}: ${found.length} pictures have the class of predict, probabilities within ${difference.toExponential(1)}`,
  );
}
