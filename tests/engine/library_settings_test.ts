import assert from "#assert";
import { computeInFullPrecision, configureOnnxruntime, quietenTensorFlow } from "../../engine/library_settings.ts";

/** Runs a function with the values of environment variables, and restores them. */
function withVariables(values: Record<string, string | undefined>, run: () => void): void {
  const before = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  const set = (name: string, value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  Object.entries(values).forEach(([name, value]) => set(name, value));
  try {
    run();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

Deno.test("variables of the environment are set unless the user has set them", () => {
  const apply = () => {
    computeInFullPrecision();
    quietenTensorFlow();
    return [Deno.env.get("NVIDIA_TF32_OVERRIDE"), Deno.env.get("TF_CPP_MIN_LOG_LEVEL")];
  };
  withVariables({ NVIDIA_TF32_OVERRIDE: undefined, TF_CPP_MIN_LOG_LEVEL: undefined }, () => {
    assert.deepEqual(apply(), ["0", "1"]);
  });
  withVariables({ NVIDIA_TF32_OVERRIDE: "1", TF_CPP_MIN_LOG_LEVEL: "0" }, () => {
    assert.deepEqual(apply(), ["1", "0"]);
  });
});

Deno.test("onnxruntime logs fatal errors only", () => {
  const library = { env: {} } as Parameters<typeof configureOnnxruntime>[0];
  configureOnnxruntime(library);
  assert.equal(library.env.logLevel, "fatal");
});
