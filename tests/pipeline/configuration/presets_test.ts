import assert from "#assert";
import { type Preset, presetNames, presets } from "../../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";

/** The training run that the write-up and the paper share. */
const shakeNet26 = {
  dataset: "cifar-10",
  architecture: "resnet",
  depth: 26,
  width: 32,
  branches: 2,
  shake: "shake-shake-image",
  epochs: 1800,
  batch: 128,
  learningRate: 0.2,
  schedule: "cosine",
  momentum: 0.9,
  weightDecay: 1e-4,
  augment: "standard",
};

Deno.test("every preset has a description, resolves, and names the run", () => {
  for (const name of presetNames) {
    const { description }: Preset = presets[name];
    assert.match(description, /^[A-Z].*\.$/);
    assert.equal(resolveConfiguration(name, undefined, {}).run, name);
  }
});

for (const [name, sampling] of [["cifar10", "normalized"], ["paper", "uniform"]] as const) {
  Deno.test(`the preset ${name} is 26 2x32d shake-shake-image with ${sampling} draws`, () => {
    const configuration = resolveConfiguration(name, undefined, {});
    for (const [field, value] of Object.entries({ ...shakeNet26, sampling })) {
      assert.equal(configuration[field as keyof typeof configuration], value, field);
    }
  });
}

Deno.test("the preset paper says what the options cannot express", () => {
  const { description } = presets.paper;
  for (const detail of ["shift", "padding", "He-normal", "bias"]) assert.ok(description.includes(detail), detail);
});
