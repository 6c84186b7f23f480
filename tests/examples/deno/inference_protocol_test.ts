import assert from "#assert";
import { useCpu } from "../../support/eager.ts";
import { labels, mean, std } from "../../support/exported_file.ts";
import { likeliest, pixels, SIDE } from "../../support/hub_folder.ts";
import { inService } from "../../support/in_service.ts";
import { outputOf, pythonWith } from "../../support/program.ts";

await useCpu();

const python = await pythonWith("numpy", "tritonclient.http");
const shape = [1, 3, SIDE, SIDE];

/** The normalised image of a seed, [3, SIDE, SIDE]. */
function image(seed: number): number[] {
  const bytes = pixels(seed);
  const plane = (channel: number) =>
    Array.from({ length: SIDE * SIDE }, (_, at) => (bytes[3 * at + channel]! / 255 - mean[channel]!) / std[channel]!);
  return [0, 1, 2].flatMap(plane);
}

/** Fails unless the row is the probabilities of the image of a seed. */
async function assertRow(row: readonly number[], seed: number): Promise<void> {
  const { label, probability } = await likeliest(seed);
  assert.equal(row.length, labels.length);
  assert.ok(Math.abs(row[labels.indexOf(label)]! - probability) < 1e-4);
}

const tensor = (values: Record<string, unknown>) => ({ name: "pixel_values", shape, datatype: "FP32", ...values });
const infer = (url: string, request: unknown) =>
  fetch(`${url}/v2/models/shakenet/infer`, { method: "POST", body: JSON.stringify(request) });

Deno.test("the protocol's paths tell the server's and the model's state and shapes", () =>
  inService(async (url) => {
    const get = async (path: string) => await (await fetch(url + path)).json();
    assert.deepEqual(await get("/v2/health/live"), { live: true });
    assert.deepEqual(await get("/v2/models/shakenet/versions/1/ready"), { ready: true });
    assert.ok((await get("/v2")).extensions.includes("binary_tensor_data"));
    const outputs = ["logits", "probabilities"].map((name) => ({ name, datatype: "FP32", shape: [-1, 3] }));
    assert.deepEqual(await get("/v2/models/shakenet"), {
      name: "shakenet",
      versions: ["1"],
      platform: "onnxruntime_onnx",
      inputs: [{ name: "pixel_values", datatype: "FP32", shape: [-1, 3, SIDE, SIDE] }],
      outputs,
    });
    assert.match((await get("/v2/models/other/ready")).error, /there are/);
  }));

Deno.test("tensors of JSON, flat or nested, are classified row by row", () =>
  inService(async (url) => {
    const flat = tensor({ shape: [2, 3, SIDE, SIDE], data: [...image(1), ...image(2)] });
    const nested = tensor({ data: [[image(3)]] });
    for (const [input, seeds] of [[flat, [1, 2]], [nested, [3]]] as const) {
      const response = await infer(url, { id: "x", inputs: [input], outputs: [{ name: "probabilities" }] });
      const { id, model_name, outputs: [output, ...others] } = await response.json();
      assert.deepEqual([id, model_name, others], ["x", "shakenet", []]);
      assert.deepEqual(output.shape, [seeds.length, 3]);
      for (const [row, seed] of seeds.entries()) await assertRow(output.data.slice(3 * row, 3 * row + 3), seed);
    }
  }));

Deno.test("requests that break the protocol are answered 400 in one sentence", () =>
  inService(async (url) => {
    const data = image(1), one = (values: Record<string, unknown>) => ({ inputs: [tensor({ data, ...values })] });
    const cases: readonly [unknown, RegExp][] = [
      [null, /one input, pixel_values/],
      [{}, /one input, pixel_values/],
      [{ inputs: "x" }, /one input, pixel_values/],
      [{ inputs: [null] }, /one input, pixel_values/],
      [one({ name: "image" }), /one input, pixel_values/],
      [one({ datatype: "UINT8" }), /datatype UINT8, not FP32/],
      [one({ shape: [1, 3, SIDE, 9] }), /shape \[1,3,8,9\], not \[-1,3,8,8\]/],
      [one({ shape: [0, 3, SIDE, SIDE] }), /shape/],
      [one({ shape: 1 }), /shape/],
      [one({ shape: [129, 3, SIDE, SIDE] }), /at most 128 images/],
      [one({ data: data.slice(1) }), /191 numbers, not 192/],
      [one({ data: data.map(String) }), /no number/],
      [one({ data: undefined }), /neither data nor a binary_data_size/],
      [one({ parameters: { binary_data_size: 4 } }), /0 bytes, not 768/],
      [{ ...one({}), outputs: [{ name: "other" }] }, /no output other; there are logits and probabilities/],
      [{ ...one({}), outputs: [null] }, /no output/],
      [{ ...one({}), outputs: [{ name: "logits", parameters: { classification: 1 } }] }, /not supported/],
    ];
    for (const [request, says] of cases) {
      const response = await infer(url, request), { error } = await response.json();
      assert.equal(response.status, 400, `${says}: ${error}`);
      assert.match(error, says);
    }
    const broken = (headers: Record<string, string>, body = "{") =>
      fetch(`${url}/v2/models/shakenet/infer`, { method: "POST", body, headers });
    for (
      const [response, status, says] of [
        [await broken({}), 400, /JSON/],
        [await broken({ "inference-header-content-length": "9" }), 400, /is 9, not a length/],
        [await broken({ "inference-header-content-length": "x" }), 400, /is x, not a length/],
        [await broken({ "content-encoding": "gzip" }), 415, /gzip, not identity/],
      ] as const
    ) {
      assert.equal(response.status, status);
      assert.match((await response.json()).error, says);
    }
  }));

Deno.test({
  name: "Triton's client works unchanged (needs numpy and tritonclient[http] in Python)",
  ignore: python === undefined,
  fn: () =>
    inService(async (url, folder) => {
      const seeds = [1, 2, 3], path = `${folder}/images.f32`;
      await Deno.writeFile(path, new Uint8Array(Float32Array.from(seeds.flatMap(image)).buffer));
      const script = "tests/examples/deno/tritonclient_infer.py";
      const { rows, refused } = JSON.parse(
        await outputOf(python!, [script, url.replace("http://", ""), path, `${SIDE}`]),
      );
      assert.equal(rows.length, 6);
      for (const answer of rows) {
        for (const [row, seed] of seeds.entries()) await assertRow(answer[row], seed);
      }
      assert.match(refused, /there is one input, pixel_values/);
    }),
});
