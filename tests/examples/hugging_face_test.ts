/** The folder for the Hugging Face Hub loads in its libraries, and classifies there as `deno task predict` does. */
import { type InputForm, inputForms } from "../../export/variants.ts";
import { useCpu } from "../support/eager.ts";
import {
  answersOf,
  type Language,
  nodeSnippets,
  PACKAGES,
  predicted,
  pythonSnippets,
  requireSameAnswers,
  type RunSnippet,
} from "../support/hub_answers.ts";
import { png, writeHubFolder } from "../support/hub_folder.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

await useCpu();
const PICTURES = 10;
const node = await nodeSnippets(), python = await pythonSnippets();

async function writePictures(folder: string): Promise<string[]> {
  const paths = Array.from({ length: PICTURES }, (_, at) => `${folder}/${at}.png`);
  for (const [at, path] of paths.entries()) await Deno.writeFile(path, await png(at));
  return paths;
}

/** Runs the card's snippet on ten pictures and compares with `predict`. */
async function check(language: Language, input: InputForm, run: RunSnippet) {
  await inTemporaryFolder(async (folder) => {
    await writeHubFolder(folder, input);
    const pictures = await writePictures(folder);
    const expected = await predicted(`${folder}/onnx/model.onnx`, pictures);
    requireSameAnswers(await answersOf({ language, run }, folder, pictures), expected);
  });
}

for (const input of inputForms) {
  Deno.test({
    name:
      `the card's snippet for transformers.js classifies as predict does, exported with ${input} (needs node, and ` +
      `npm install in ${PACKAGES})`,
    ignore: !node,
    fn: () => check("javascript", input, node!),
  });
}

Deno.test({
  name: "the card's snippet for Python classifies as predict does (needs Python's optimum[onnxruntime])",
  ignore: !python,
  fn: () => check("python", "uint8-nhwc", python!),
});
