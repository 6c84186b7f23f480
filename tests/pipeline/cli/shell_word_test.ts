import assert from "#assert";
import { shellWord } from "../../../pipeline/cli/shell_word.ts";
import { outputOf } from "../../support/program.ts";

Deno.test("a shell reads every word back, and plain words stay as they are", async () => {
  const words = ["runs/first", "it's mine", "~/$HOME/*", "a\nb", '"', ""];
  for (const word of words) assert.equal(await outputOf("sh", ["-c", `printf %s ${shellWord(word)}`]), word);
  assert.equal(shellWord("runs/first-1.onnx"), "runs/first-1.onnx");
});
