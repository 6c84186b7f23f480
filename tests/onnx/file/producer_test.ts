import assert from "#assert";
import { PRODUCER } from "../../../onnx/file/producer.ts";

Deno.test("models name the version of the package that wrote them", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../../onnx/deno.json", import.meta.url)));
  assert.equal(PRODUCER.version, version);
});
