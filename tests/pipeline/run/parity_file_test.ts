import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { parityIfThere, type ParityReport, readParity, writeParity } from "../../../pipeline/run/parity_file.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const file = {
  ...{ bytes: 10, images: 4, maxAbsoluteDifference: 1e-7, top1Agreement: 1, passed: true },
  speed: { threads: 1, batch: 128, imagesPerSecond: 100, millisecondsForOne: 10 },
};
const report: ParityReport = {
  ...file,
  ...{ precision: "float32", tolerance: 1e-4, checkpoint: "best", opset: 17, input: "float32-nchw" },
  ...{ accuracy: { reference: 1, exported: 1 }, test: { images: 20, accuracy: 0.5 } },
  reduced: {
    int8: { ...file, precision: "int8", accuracy: 0.5, accuracyLoss: -5, allowedAccuracyLoss: 1, calibrationImages: 8 },
  },
};

Deno.test("a report is read as it was written", () =>
  inTemporaryFolder(async (folder) => {
    const paths = { parity: `${folder}/parity.json`, flags: "--run mine" };
    assert.equal(await parityIfThere(paths), undefined);
    await writeParity(paths, report);
    assert.deepEqual(await readParity(paths), report);
  }));

Deno.test("a report of a precision that does not exist is refused", () =>
  inTemporaryFolder(async (folder) => {
    const paths = { parity: `${folder}/parity.json`, flags: "--run mine" };
    await Deno.writeTextFile(paths.parity, JSON.stringify({ ...report, reduced: { int4: report.reduced.int8 } }));
    await assert.rejects(readParity(paths), (error) =>
      error instanceof InputError && /deno task export --run mine`/.test(error.message));
  }));
