/** A small network as `deno task export` writes it, without a run. */
import { modelMetadata, withDigest } from "../../export/model_file.ts";
import { withAnySize } from "../../export/any_size.ts";
import { type InputForm, sizedForm } from "../../export/variants.ts";
import { type ExportOptions, inferenceModel } from "../../export/inference_model.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { trainedState } from "./trained_state.ts";

export const labels = ["circle", "square", "star"];
export const mean = [0.5, 0.4, 0.3] as const, std = [0.25, 0.2, 0.3] as const;

/**
 * @param side height and width of its images
 * @param extra further outputs
 */
export function exportedFile(
  input: InputForm = "float32-nchw",
  side = 8,
  extra: Pick<ExportOptions, "features" | "explain"> = {},
): Uint8Array<ArrayBuffer> {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: labels.length });
  const described = {
    name: "test",
    labels,
    mean,
    std,
    accuracy: 1,
    chosenOn: "none" as const,
    step: 1,
    testTimeAugmentation: "none",
  };
  const sized = sizedForm(input), imageShape = [side, side, 3] as const;
  const bytes = withDigest(inferenceModel(net, trainedState(net), {
    ...{ opset: 17, ...extra, imageShape, input: sized, normalisation: { mean, std }, description: "a test" },
    metadata: modelMetadata({ ...described, input: sized, fit: "crop", configuration: {} }),
  }));
  return input === "uint8-any" ? withAnySize(bytes, side, "crop") : bytes;
}
