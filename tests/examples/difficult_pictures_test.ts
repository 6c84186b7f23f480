/** Every example sees in difficult pictures what `deno task predict` sees. */
import assert from "#assert";
import { Buffer } from "node:buffer";
import { decodeImages, type Fit, fits } from "../../data/decode_images.ts";
import { serve as serveClassifier } from "../../examples/deno/service.ts";
import { serve as servePage } from "../../examples/web/server.ts";
import { predict, type Prediction } from "../../pipeline/commands/predict/mod.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { chromium, inPage, type Page } from "../support/chromium.ts";
import { isOddShape, writeDifficultPictures } from "../support/difficult_pictures.ts";
import { labels, SIDE, writeProbe } from "../support/probe_model.ts";
import { outputOf, pythonWith, runs } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext } from "../support/tiny_run.ts";

const node = await runs("node", ["--version"]);
const python = await pythonWith("numpy", "onnxruntime", "pyvips");
const browser = await chromium();
const webInstalled = await Deno.stat("examples/web/node_modules/onnxruntime-web").then(() => true, () => false);

/** Largest difference of the mean brightness, in percent, from rounding: of pixels by 1 of 255, and of what is printed. */
const TOLERANCE = 0.2;

interface Case {
  readonly folder: string;
  readonly model: string;
  readonly fit: Fit;
  readonly pictures: readonly string[];
  /** The mean brightness in percent that `predict` finds, by picture. */
  readonly expected: ReadonlyMap<string, number>;
}

/** The mean brightness, of the likelier label and its probability in percent. */
const brightness = (label: string, percent: number): number => label === labels[0] ? percent : 100 - percent;

async function predicted(model: string, pictures: readonly string[]): Promise<Map<string, number>> {
  const options = resolveConfiguration("quick", undefined, { model, threads: 1, top: 1 });
  const { predictions } = await predict.run(options, testContext({ operands: [...pictures], print() {} }));
  return new Map((predictions as Prediction[]).map((prediction) => {
    assert.ok("classes" in prediction, `${prediction.picture}`);
    const [{ label, probability }] = prediction.classes as [{ label: string; probability: number }];
    return [prediction.picture, brightness(label, 100 * probability)];
  }));
}

/** Fails with every picture whose brightness differs. */
function compare(found: ReadonlyMap<string, number>, { expected, fit }: Case, tolerance = TOLERANCE): void {
  const wrong = [...found].filter(([path, percent]) => !(Math.abs(percent - expected.get(path)!) <= tolerance));
  const lines = wrong.map(([path, percent]) => `${path} (${fit}): ${percent}, predict has ${expected.get(path)}`);
  assert.equal(lines.join("\n"), "");
}

/** Reads lines such as "a.png: bright 61.2 %". */
function printed(text: string): Map<string, number> {
  const lines = text.trim().split("\n").map((line) => /^(.*): (\w+) ([\d.]+) %$/.exec(line)!);
  return new Map(lines.map(([, path, label, percent]) => [path!, brightness(label!, Number(percent))]));
}

type Check = (cases: readonly Case[]) => Promise<void>;

const inEach = (check: (given: Case) => Promise<void>): Check => async (cases) => {
  for (const given of cases) await check(given);
};

const examples: Readonly<Record<string, { ignore?: boolean; check: Check }>> = {
  "Node, examples/node/classify.js (needs node)": {
    ignore: !node,
    check: inEach((given) => checkNode("classify.js", given)),
  },
  "Node, examples/node/classify.cjs (needs node)": {
    ignore: !node,
    check: inEach((given) => checkNode("classify.cjs", given)),
  },
  "Python (needs onnxruntime and pyvips)": { ignore: python === undefined, check: inEach(checkPython) },
  "Python, each pixel (needs onnxruntime and pyvips)": {
    ignore: python === undefined,
    check: inEach(checkPythonPixels),
  },
  "the Deno service": { check: inEach(checkService) },
  "the page, about (needs Chromium, and onnxruntime-web in examples/web)": {
    ignore: browser === undefined || !webInstalled,
    check: checkPage,
  },
};

Deno.test("every example sees in difficult pictures what predict sees", (t) =>
  inTemporaryFolder(async (folder) => {
    const all = await writeDifficultPictures(folder);
    const cases: Case[] = [];
    for (const fit of fits) {
      // The colours are the same with every fit.
      const pictures = fit === "crop" ? all : all.filter(isOddShape);
      const model = await writeProbe(`${folder}/${fit}`, fit);
      cases.push({ folder: `${folder}/${fit}`, model, fit, pictures, expected: await predicted(model, pictures) });
    }
    for (const [name, { ignore = false, check }] of Object.entries(examples)) {
      await t.step({ name, ignore, fn: () => check(cases) });
    }
  }));

async function checkNode(file: string, given: Case): Promise<void> {
  const found = printed(await outputOf("node", [`examples/node/${file}`, given.folder, ...given.pictures]));
  assert.equal(found.size, given.pictures.length);
  compare(found, given);
}

async function checkPython(given: Case): Promise<void> {
  const found = printed(await outputOf(python!, ["examples/python/classify.py", given.model, ...given.pictures]));
  assert.equal(found.size, given.pictures.length);
  compare(found, given);
}

/** Largest difference of a pixel, of 255. On its way from a profile of 16 bits sharp rounds to P3 of 8 bits as well. */
const pixelTolerance = (path: string): number => path.endsWith("rgb-16-bit-with-profile.png") ? 8 : 1;

async function checkPythonPixels({ pictures, fit }: Case): Promise<void> {
  const script = "import sys; sys.path.insert(0, 'examples/python'); from classify import square; " +
    `[print(square(path, ${SIDE}, '${fit}').tobytes().hex()) for path in sys.argv[1:]]`;
  const lines = (await outputOf(python!, ["-c", script, ...pictures])).trim().split("\n");
  const onUnreadable = (path: string, why: string) => assert.fail(`${path}: ${why}`);
  for (const [at, path] of pictures.entries()) {
    const { images } = await decodeImages([{ path, label: 0 }], { size: SIDE, fit, onUnreadable });
    const theirs = Buffer.from(lines[at]!, "hex");
    assert.equal(theirs.length, images.length, path);
    const difference = images.reduce((most, byte, at) => Math.max(most, Math.abs(byte - theirs[at]!)), 0);
    assert.ok(difference <= pixelTolerance(path), `${path} (${fit}): ${difference}`);
  }
}

/** Runs without what a server prints. */
async function inSilence<T>(run: () => T): Promise<Awaited<T>> {
  const { log } = console;
  console.log = () => {};
  try {
    return await run();
  } finally {
    console.log = log;
  }
}

async function checkService(given: Case): Promise<void> {
  const server = await inSilence(() => serveClassifier(given.folder, 0));
  try {
    const found = new Map<string, number>();
    for (const path of given.pictures) {
      const body = await Deno.readFile(path), headers = { "content-type": "image/x" };
      const response = await fetch(`http://127.0.0.1:${server.addr.port}/classify`, { method: "POST", body, headers });
      const { classes: [{ label, probability }] } = await response.json();
      found.set(path, brightness(label, 100 * probability));
    }
    compare(found, given);
  } finally {
    await server.shutdown();
  }
}

/**
 * Largest difference of the mean brightness in a browser, in percent: it resizes and converts in its own way. Chromium is 1.3
 * off for CMYK with a profile, 0.8 for a picture of 2 x 200 pixels, and at most 0.5 for the others.
 */
const PAGE_TOLERANCE = 1.5;
/** Browsers decode no TIFF, and convert CMYK without a profile by a formula of their own. */
const isForBrowsers = (path: string): boolean => !/\.tif$|\/cmyk\.jpg$/.test(path);

/** One browser shows the page of each case: it compiles onnxruntime-web once. */
async function checkPage(cases: readonly Case[]): Promise<void> {
  await inPage(browser!, async (page) => {
    for (const given of cases) {
      const server = await inSilence(() => servePage(given.folder, 0));
      try {
        await page.navigate(`http://127.0.0.1:${server.addr.port}/`);
        compare(await classifiedIn(page, given.pictures.filter(isForBrowsers)), given, PAGE_TOLERANCE);
      } finally {
        await server.shutdown();
      }
    }
  });
}

/** Drops pictures on the page, and returns the brightness that it shows for each. */
async function classifiedIn(page: Page, pictures: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const status = `document.getElementById("status")?.textContent`;
  await page.until(`${status} === "Ready."`);
  for (const path of pictures) {
    const bytes = Buffer.from(await Deno.readFile(path)).toString("base64"), name = path.split("/").at(-1)!;
    await page.evaluate(`{
      const bytes = Uint8Array.from(atob("${bytes}"), (c) => c.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "${name}"));
      document.getElementById("drop").dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
    }`);
    await page.until(`${status}?.startsWith("${name}, classified")`);
    const first = await page.evaluate(`document.querySelector("#classes li").textContent`) as string;
    const [, label, percent] = /^(bright|dark)([\d.]+) %$/.exec(first)!;
    found.set(path, brightness(label!, Number(percent)));
  }
  return found;
}
