import assert from "#assert";
import { unknownCommand } from "../../../pipeline/cli/unknown_command.ts";

const names = ["train", "evaluate", "setup:cuda"];
const messages: Record<string, string> = {
  trian: "trian is not a command; did you mean train?",
  eval: "eval is not a command; did you mean evaluate?",
  setup_cuda: "setup_cuda is not a command; did you mean setup:cuda?",
  constructor: "constructor is not a command; there are train, evaluate, setup:cuda",
  // Another program's word for a command that this list lacks.
  convert: "convert is not a command; there are train, evaluate, setup:cuda",
};

for (const [name, message] of Object.entries(messages)) {
  Deno.test(`an unknown command: ${name}`, () => assert.equal(unknownCommand(name, names).message, message));
}
