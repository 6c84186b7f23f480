import * as tf from "@tensorflow/tfjs";
import { tensorsOf } from "../../export/inference_model.ts";
import { mergedLogits } from "../../export/merge.ts";
import type { ShakeNetwork } from "../../model/architectures.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { trainedState } from "../support/trained_state.ts";
import { reference } from "../support/export_reference.ts";

await useCpu();

const size = { depth: 14, width: 4, classes: 5 };

const networks: readonly ShakeNetwork[] = [
  shakeNet({ ...size, branches: 2 }),
  shakeNet({ ...size, branches: 3 }),
  shakeNet({ ...size, branches: 2, skip: false }),
  shakeNet({ ...size, branches: 2, batchNorm: false }),
  shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 5 }),
  shakeResNeXt({ depth: 11, width: 2, groups: 1, branches: 3, classes: 5 }),
];

for (const net of networks) {
  for (const side of [8, 9]) {
    const { architecture, skip, batchNorm } = { skip: true, batchNorm: true, ...net };
    const kind = `${net.title}${skip ? "" : " without skip connections"}${batchNorm ? "" : " without batch norm"}`;
    Deno.test(`the merged network is the network: ${architecture}, ${kind}, images of side ${side}`, () => {
      const { images, logits } = reference(net, side, 2);
      const merged = mergedLogits(net, tensorsOf(trainedState(net)), tf.tensor(images, [2, side, side, 3]));
      assertClose(merged.dataSync(), logits, 1e-5);
    });
  }
}
