import assert from "#assert";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { doctor } from "../../../pipeline/commands/doctor.ts";
import { shakeResNeXt } from "../../../model/shake_resnext.ts";
import { testContext } from "../../support/tiny_run.ts";

const small = { width: 2, batch: 2 };

Deno.test("doctor times the engine that is asked for, and says what auto takes", async () => {
  const context = testContext();
  const result = await doctor.run(
    resolveConfiguration("quick", undefined, { ...small, engine: "onnxruntime", device: "cpu" }),
    context,
  );
  const [found, ...others] = result["engines"] as Record<string, unknown>[];
  assert.equal(others.length, 0);
  assert.equal(found!["usable"], true);
  assert.ok(Number(found!["imagesPerSecond"]) > 0);
  const text = context.printed.join("\n");
  assert.match(text, /^training step: ShakeNet-8 2x2d, batch 2$/m);
  assert.match(text, /^onnxruntime on cpu +[\d.]+ +onnxruntime [\d.]+ on the CPU, \d+ threads$/m);
  assert.match(text, /^auto takes .+: .+$/m);
});

Deno.test("doctor times the network of the preset, and prints its own title", async () => {
  const context = testContext();
  const configuration = resolveConfiguration("cifar100", undefined, {
    ...{ depth: 11, width: 2, groups: 3, batch: 2, engine: "onnxruntime", device: "cpu" },
  });
  const { step } = await doctor.run(configuration, context);
  const { title } = shakeResNeXt({ depth: 11, width: 2, branches: 2, groups: 3, classes: 10 });
  assert.equal(step, `${title}, batch 2`);
  assert.match(title, /ResNeXt-11 2x3x2d$/);
});

Deno.test("doctor says of a device that cannot be used why, and what to do", async () => {
  const context = testContext();
  const result = await doctor.run(resolveConfiguration("quick", undefined, { ...small, device: "cuda" }), context);
  const [found] = result["engines"] as Record<string, unknown>[];
  if (found!["usable"]) return;
  assert.match(
    context.printed.join("\n"),
    /^onnxruntime on cuda +- +device cuda cannot be used: .+; .+, or use --device cpu$/m,
  );
});
