import assert from "#assert";
import { Buffer } from "node:buffer";
import { inputForms } from "../../export/variants.ts";
import { serve } from "../../examples/web/server.ts";
import { chromium, inPage } from "../support/chromium.ts";
import { useCpu } from "../support/eager.ts";
import { likeliest, png, writeHubFolder } from "../support/hub_folder.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

await useCpu();
const program = await chromium();
const installed = await Deno.stat("examples/web/node_modules/onnxruntime-web").then(() => true, () => false);

/** Drops a file on the page, as a hand does. */
const drop = (bytes: Uint8Array, name: string) =>
  `{
  const bytes = Uint8Array.from(atob("${Buffer.from(bytes).toString("base64")}"), (c) => c.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "${name}"));
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
}`;

const status = `document.getElementById("status")?.textContent`;

Deno.test({
  name:
    "the page classifies a dropped picture wholly in the browser (needs Chromium, and onnxruntime-web in examples/web)",
  ignore: program === undefined || !installed,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const log = console.log;
      console.log = () => {};
      const server = serve(folder, 0);
      console.log = log;
      const url = `http://127.0.0.1:${server.addr.port}/`;
      try {
        await inPage(program!, async (page) => {
          for (const input of inputForms) {
            await writeHubFolder(folder, input);
            await page.navigate(url);
            await page.until(`${status} === "Ready."`);
            await page.evaluate(drop(await png(3), "a.png"));
            await page.until(`${status}?.startsWith("a.png, classified")`);
            const [first] = await page.evaluate(
              `[...document.querySelectorAll("#classes li")].map((item) => item.textContent)`,
            ) as string[];
            const { label, probability } = await likeliest(3);
            assert.equal(first, `${label}${(100 * probability).toFixed(1)} %`, input);
            await page.evaluate(drop(new TextEncoder().encode("no picture"), "b.png"));
            await page.until(`${status} === "b.png cannot be read as a picture."`);
          }
          const elsewhere = page.requested.filter((address) =>
            !/^(data:|blob:)/.test(address) && !address.startsWith(url)
          );
          assert.deepEqual(elsewhere, [], "nothing is asked for elsewhere");
        });
      } finally {
        await server.shutdown();
      }
    }),
});

Deno.test("the page's server gives its own files and no others", () =>
  inTemporaryFolder(async (folder) => {
    await writeHubFolder(folder);
    await Deno.writeTextFile(`${folder}/secret.txt`, "secret");
    const log = console.log;
    console.log = () => {};
    const server = serve(folder, 0);
    console.log = log;
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${server.addr.port}${path}`);
      await response.body?.cancel();
      return response.status;
    };
    try {
      assert.deepEqual(await Promise.all(["/", "/page.css", "/classify.js", "/model/config.json"].map(get)), [
        ...[200, 200, 200, 200],
      ]);
      const others = ["/server.ts", "/model/secret.txt", "/model/%2e%2e/secret.txt", "/onnxruntime/..%2fpackage.json"];
      assert.deepEqual(await Promise.all(others.map(get)), [404, 404, 404, 404]);
      assert.equal(await get("/model/onnx/model_int8.onnx"), 404, "what was not exported");
    } finally {
      await server.shutdown();
    }
  }));
