import assert from "#assert";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";

Deno.test("a preset's network has the paper's name", () => {
  const labels = Array.from({ length: 100 }, (_, label) => `${label}`);
  const titleOf = (preset: string) => networkOf(resolveConfiguration(preset, undefined, {}), { labels }).title;
  assert.equal(titleOf("cifar10"), "ShakeNet-26 2x32d");
  assert.match(titleOf("cifar100"), /-29 2x4x64d$/);
});
