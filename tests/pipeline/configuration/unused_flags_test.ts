import assert from "#assert";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { presetNames } from "../../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { refuseUnusedFlags } from "../../../pipeline/configuration/unused_flags.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";

const refuse = (flags: Given, preset = "quick") =>
  refuseUnusedFlags(flags, resolveConfiguration(preset, undefined, flags));

const unused: readonly (readonly [Given, string])[] = [
  [{ groups: 8 }, "--groups changes nothing without --architecture resnext"],
  [{ schedule: "cosine", cyclePeak: 0.5 }, "--cycle-peak changes nothing without --schedule one-cycle"],
  [{ averageWarmup: false }, "--no-average-warmup changes nothing without --averaging ema"],
  [{ averaging: "ema", averageFrom: 0.5 }, "--average-from changes nothing without --averaging swa"],
  [{ mixingAmount: 0.5 }, "--mixing-amount changes nothing without --mixing"],
  [{ precision: "fp16", reduceRange: true }, "--reduce-range changes nothing without --precision int8"],
  [{ accuracyLoss: 1 }, "--accuracy-loss changes nothing without --precision fp16 or int8"],
  [{ what: "training-step", input: "uint8-nhwc" }, "--input changes nothing without --what model"],
];

for (const [flags, says] of unused) {
  Deno.test(`refused: ${says}`, () =>
    assert.throws(() => refuse(flags), (error) => error instanceof UsageError && error.message.startsWith(`${says};`)));
}

Deno.test("a flag beside the one that it needs is used, and presets may set fields that a flag switches off", () => {
  refuse({ averaging: "ema", averageDecay: 0.99 });
  refuse({ precision: "fp16,int8", accuracyLoss: 1, calibrationImages: 9 });
  refuse({ architecture: "resnext", depth: 11, groups: 8 });
  refuse({ schedule: "linear" }, "cifar10-small");
  for (const preset of presetNames) refuse(preset === "own-images" ? { images: "pictures" } : {}, preset);
});
