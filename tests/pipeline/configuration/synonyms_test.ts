import assert from "#assert";
import { Configuration, type Field, fieldNames } from "../../../pipeline/configuration/fields.ts";
import { explanations, fieldWords, valueWords } from "../../../pipeline/configuration/synonyms.ts";

const switches = ["preset", "config", "force", "resume", "quiet", "json", "help"];
const accepts = (field: Field, value: string) => Configuration.shape[field].safeParse(value).success;

Deno.test("every synonym leads to a field or a switch that exists, with a value that it takes", () => {
  for (const [target, , value] of fieldWords) {
    assert.ok((fieldNames as string[]).includes(target) || switches.includes(target), target);
    if (value !== undefined) assert.ok(accepts(target as Field, value), `${target} ${value}`);
  }
  for (const [field, words] of Object.entries(valueWords)) {
    for (const value of Object.keys(words)) assert.ok(accepts(field as Field, value), `${field} ${value}`);
  }
});

Deno.test("no word for a value is itself a value of the field", () => {
  for (const [field, words] of Object.entries(valueWords)) {
    for (const word of Object.values(words).join(" ").split(" ")) {
      assert.ok(!accepts(field as Field, word), `${field} ${word}`);
    }
  }
});

Deno.test("explanations name flags that exist, and no word has both an explanation and a synonym", () => {
  const words = new Set(fieldWords.flatMap(([, words]) => words.split(" ")));
  const flags = new Set(fieldNames.map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)));
  for (const [explained, says] of explanations) {
    for (const [, flag] of says.matchAll(/--([a-z-]+)/g)) {
      assert.ok(flags.has(flag!) || switches.includes(flag!), flag!);
    }
    for (const word of explained.split(" ")) assert.ok(!words.has(word), word);
  }
});
