/** The table of presets in docs/options.md says what the presets set. */
import assert from "#assert";
import { fieldInfo } from "../../pipeline/configuration/fields.ts";
import { type PresetName, presetNames, presets } from "../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { readDocument } from "../support/markdown.ts";

const rows = [...(await readDocument("docs/options.md")).matchAll(/^\| `([\w-]+)` +\| ([^|]*)\|$/gm)];
const texts = new Map(rows.map(([, name, text]) => [name!, text!]));

Deno.test("every preset has its row", () => {
  for (const name of presetNames) assert.ok(texts.has(name), name);
});

/** Words of a row about a network, and the words that its preset would have there. */
const claims: Readonly<Record<string, (name: PresetName) => readonly [pattern: RegExp, expected: string]>> = {
  "data set": (name) => [/CIFAR-100?\b|folder/, resolved(name).dataset.replace("cifar", "CIFAR")],
  "network": (name) => [/(?:ShakeNet|ResNeXt)-\d+ [\dx]+d/, networkOf(name)],
  "epochs": (name) => [/[\d,]+(?= epochs)/, resolved(name).epochs.toLocaleString("en-US")],
};

const resolved = (name: PresetName) =>
  resolveConfiguration(name, undefined, name === "own-images" ? { images: "my-pictures" } : {});

function networkOf(name: PresetName): string {
  const { architecture, depth, branches, groups, width } = resolved(name);
  return architecture === "resnext"
    ? `ResNeXt-${depth} ${branches}x${groups}x${width}d`
    : `ShakeNet-${depth} ${branches}x${width}d`;
}

/** Presets whose rows refer to another row, or to no numbers. */
const brief: readonly PresetName[] = ["quick", "paper"];

for (const name of presetNames.filter((name) => !brief.includes(name))) {
  Deno.test(`the row of ${name} has its data set, network and epochs`, () => {
    for (const [claim, of] of Object.entries(claims)) {
      const [pattern, expected] = of(name);
      assert.equal(pattern.exec(texts.get(name)!)?.[0], expected, claim);
    }
  });
}

Deno.test("a flag in the row of a preset has the preset's value", () => {
  for (const name of presetNames) {
    for (const [, flag, value] of texts.get(name)!.matchAll(/`(--[\w-]+) ([^`]+)`/g)) {
      const configuration = Object.entries(resolved(name));
      const [, set] = configuration.find(([field]) => fieldInfo(field as never).flag === flag) ?? [];
      assert.equal(String(set), value, `${name}: ${flag}`);
    }
  }
});

Deno.test("paper is cifar10 with other draws, trained on all images", () => {
  const { sampling, validation, ...paper } = presets.paper.values;
  assert.deepEqual([sampling, validation], ["uniform", "none"]);
  assert.deepEqual({ ...resolved("cifar10"), ...paper }, resolved("cifar10"));
});
