/**
 * Classifies pictures with an exported model, whose file has the labels, the normalisation and the image size.
 *
 * @module
 */
import { writeFileAtomic } from "../../../data/files/files.ts";
import { readFile } from "../../../data/files/read_file.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { EngineUnavailableError } from "../../../engine/engine.ts";
import { firstLine } from "../../../engine/first_line.ts";
import { ExportedModel } from "../../../export/exported_model.ts";
import { describeModel, type ModelDescription } from "../../../export/model_file.ts";
import { command } from "../../cli/command.ts";
import { lateImports } from "../../cli/import_late.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { modelFile } from "../../configuration/pretrained.ts";
import { pathText, shortened } from "../../configuration/printable.ts";
import { dataIdentityIfThere, modelDifference } from "../../run/data_identity.ts";
import { type RunPaths, runPaths } from "../../run/paths.ts";
import { classify, type Prediction, REASON_LENGTH } from "./classify.ts";
import type { ExplainedPage } from "./explained_page.ts";
import { Explainer } from "./explainer.ts";
import { picturesOf } from "./picture_sources.ts";
import { printers } from "./printers.ts";

export type { ClassProbability, Prediction } from "./classify.ts";

/** The folder of the pictures with maps; the task may write nowhere else. */
const EXPLAINED = "explained";

const late = lateImports(import.meta.url);

export const predict = command({
  name: "predict",
  operands: "PICTURE",
  fields: [
    "model",
    "top",
    "format",
    "features",
    "unsureBelow",
    "explain",
    "batch",
    "urls",
    "unreadable",
    "threads",
    "run",
    "runs",
  ],
  async run(options, context) {
    const path = options.model === undefined ? runPaths(options).model : modelFile(options.model);
    const { loaded, description } = await loadModel(path, options);
    await using model = loaded;
    if (options.model === undefined) await requireDataOfRun(description, path, runPaths(options));
    if (options.features) requireFeatures(description, path, exportAgain(options, "--features"));
    if (options.explain) requireExplanation(description, path, exportAgain(options, "--explain"));
    const page = options.explain ? await newPage() : undefined;
    const explainer = page && new Explainer(EXPLAINED, page);
    const pictures = await picturesOf(context.operands ?? [], options.urls, context.log);
    const printer = printers[options.format]({ ...description, pictures, top: options.top });
    if (options.features && options.format === "table") {
      context.log("predict: the table leaves the features out; --format jsonl, --format csv and --json have them");
    }
    if (printer.head !== undefined) context.print(printer.head);
    const predictions: Prediction[] = [];
    for (let begin = 0; begin < pictures.length; begin += options.batch) {
      context.signal.throwIfAborted();
      const batch = pictures.slice(begin, begin + options.batch);
      const some = await classify({ model, description }, batch, options, explainer, context.signal);
      for (const prediction of some) context.print(printer.line(prediction));
      page?.add(some);
      predictions.push(...some);
    }
    if (page) {
      await writeFileAtomic(`${EXPLAINED}/index.html`, page.document());
      context.log(`predict: ${EXPLAINED} has the pictures with their maps; ${EXPLAINED}/index.html shows them`);
    }
    const bad = predictions.filter((prediction) => "error" in prediction);
    if (bad.length > 0 && options.unreadable === "refuse") throw unreadable(bad, predictions.length);
    return { model: path, predictions };
  },
});

async function newPage(): Promise<ExplainedPage> {
  const { ExplainedPage } = await late<typeof import("./explained_page.ts")>("./explained_page.ts");
  return new ExplainedPage();
}

/** The fields that name a model: a file, or that of a run. */
type PlaceOfModel = Pick<Configuration, "model" | "run" | "runs">;

/** The remedy for a model that lacks something: a named file may be of any run. */
const exportAgain = (options: PlaceOfModel, ...flags: readonly string[]): string =>
  options.model === undefined
    ? `run \`${["deno task export", runPaths(options).flags, ...flags].join(" ")}\` first`
    : `name a model that is exported with ${flags.join(" ")}`;

/** @throws {InputError} if the model has no output of this name */
function requireFeatures({ hasFeatures }: ModelDescription, path: string, remedy: string): void {
  if (hasFeatures) return;
  throw new InputError(`${pathText(path)} has no output called features; ${remedy}`);
}

/** @throws {InputError} if the model has no output `explanation`, or takes pictures of any size */
function requireExplanation({ explains, input }: ModelDescription, path: string, remedy: string): void {
  if (input === "uint8-any") {
    throw new InputError(`${pathText(path)} resizes pictures itself; --explain needs another --input`);
  }
  if (explains) return;
  throw new InputError(`${pathText(path)} has no output called explanation; ${remedy}`);
}

/** @throws {InputError} if the file is missing or is not an exported model */
async function loadModel(
  path: string,
  options: PlaceOfModel & Pick<Configuration, "threads">,
): Promise<{ loaded: ExportedModel; description: ModelDescription }> {
  const { model, threads } = options;
  const bytes = await readFile(
    path,
    model === undefined
      ? `${exportAgain(options)}, or name another with --model`
      : "name an exported model with --model",
  );
  try {
    const description = describeModel(bytes);
    return { loaded: await ExportedModel.load(bytes, { ...description, threads }), description };
  } catch (error) {
    if (error instanceof EngineUnavailableError) throw error;
    throw new InputError(
      `${pathText(path)} is not a model of \`deno task export\`: ${shortened(firstLine(error), REASON_LENGTH)}`,
    );
  }
}

/** @throws {InputError} if the run was trained on other data since its model was exported */
async function requireDataOfRun(model: ModelDescription, path: string, paths: RunPaths): Promise<void> {
  const data = await dataIdentityIfThere(paths);
  const difference = data && modelDifference(model, data);
  if (difference === undefined) return;
  throw new InputError(
    `${path} is older than the run's data: ${difference}; run \`deno task evaluate ${paths.flags}\` and \`deno task ` +
      `export ${paths.flags}\` first, or name the file with --model`,
  );
}

function unreadable(bad: readonly { picture: string; error: string }[], count: number): InputError {
  const named = bad.slice(0, 5).map(({ picture, error }) => `${pathText(picture)} (${shortened(error, REASON_LENGTH)})`)
    .join(", ");
  const more = bad.length > 5 ? ` and ${bad.length - 5} more` : "";
  return new InputError(
    `${bad.length} of ${count} pictures cannot be read: ${named}${more}; --unreadable skip leaves them out`,
  );
}
