/**
 * Words of other programs (argparse scripts, Keras, timm, Hugging Face, Lightning) for fields and their values.
 *
 * @module
 */
import type { Field } from "./fields.ts";

/** Flags that are no fields, which a word may stand for too. */
export type SwitchName = "preset" | "config" | "force" | "resume" | "quiet" | "json" | "help";

/**
 * Words for a field or a switch, or for one value of a field. A word may appear several times: the first field that the
 * command has counts. Case, hyphens and underscores do not matter.
 */
export const fieldWords: readonly (readonly [target: Field | SwitchName, words: string, value?: string])[] = [
  ["run", "name run-name run-id exp-name exp experiment-name experiment project wandb-name"],
  [
    "runs",
    "output output-dir out outdir out-dir save-dir save-path log-dir logs work-dir workdir run-dir result-dir results",
  ],
  ["checkpoint", "weights ckpt checkpoint-path checkpoint-file load load-weights from-checkpoint restore"],
  ["checkpointEvery", "save-interval save-freq save-frequency save-every save-period checkpoint-interval period"],
  ["saveSeconds", "save-time save-secs checkpoint-seconds"],
  ["cache", "data-dir data-path data-root dataset-dir root download-dir cache-dir download-root"],
  ["images", "data-dir image-dir image-folder train-dir pictures folder input-dir"],
  ["dataset", "data ds dataset-name data-name task"],
  ["imageSize", "img-size image-resolution resolution input-size input-shape size resize crop-size target-size"],
  ["fit", "resize-mode crop-mode crop-pct"],
  ["holdOut", "val-split validation-split test-split test-size val-size valid-size val-fraction split"],
  ["from", "url archive mirror source"],
  ["unreadable", "skip-errors ignore-errors on-error"],
  ["model", "onnx model-path model-file weights checkpoint"],
  ["architecture", "model arch net network backbone model-name net-type"],
  ["depth", "layers num-layers n-layers nlayers n-blocks num-blocks"],
  ["width", "filters num-filters channels base-channels base-width widen-factor hidden-size initial-filters"],
  ["branches", "num-branches n-branches paths"],
  ["groups", "cardinality num-groups"],
  ["skip", "residual shortcut skip-connections"],
  ["batchNorm", "bn use-bn norm"],
  ["rankTimeout", "timeout dist-timeout ddp-timeout distributed-timeout nccl-timeout"],
  ["syncBatchNorm", "sync-bn syncbn"],
  ["shake", "shake-mode shake-shake mode forward-shake backward-shake shake-image regularization"],
  ["sampling", "shake-sampling distribution"],
  ["epochs", "epoch num-epochs n-epochs nb-epochs max-epochs num-train-epochs ep"],
  [
    "batch",
    "batch-size bs b minibatch mini-batch mini-batch-size train-batch-size per-device-train-batch-size batchsize",
  ],
  ["learningRate", "lr base-lr init-lr initial-lr lr0 max-lr learning-rate-init eta step-size"],
  ["schedule", "sched scheduler lr-scheduler lr-schedule lr-scheduler-type lr-policy lr-shape lr-decay-type"],
  ["warmupEpochs", "warmup warmup-steps num-warmup-steps warmup-ratio lr-warmup"],
  ["restartEpochs", "t0 t-0 te cycle-length"],
  ["restartFactor", "t-mult tmult cycle-mult"],
  ["plateauFactor", "factor gamma lr-decay decay-rate lr-gamma"],
  ["plateauEpochs", "patience patience-epochs lr-patience"],
  ["momentum", "mom beta1 mu"],
  ["weightDecay", "wd l2 l2-reg decay regularizer kernel-regularizer lambda"],
  ["augment", "aug augmentation augmentations transforms data-augmentation auto-augment aa randaugment"],
  ["augment", "cutout random-erasing reprob", "standard,cutout"],
  ["augment", "no-aug no-augmentation no-augment", "none"],
  ["seed", "random-seed manual-seed random-state rng-seed rng"],
  [
    "init",
    "pretrained finetune fine-tune init-checkpoint init-weights initial-checkpoint load weights ckpt checkpoint",
  ],
  ["maxSteps", "steps num-steps max-iter max-iters iterations iters steps-per-epoch train-steps limit"],
  ["logEvery", "log-interval log-freq print-freq print-every logging-steps log-steps log-every-n-steps"],
  ["tensorboard", "tb use-tensorboard tensorboard-dir logger"],
  ["nonFinite", "nan detect-anomaly detect-nan terminate-on-nan"],
  ["engine", "backend framework runtime provider execution-provider"],
  ["device", "gpu gpus cuda use-cuda use-gpu ngpu n-gpu", "cuda"],
  ["device", "cpu no-cuda no-gpu use-cpu", "cpu"],
  ["device", "webgpu", "webgpu"],
  ["device", "accelerator dev"],
  ["distributed", "ddp mpi world-size nodes num-nodes multi-gpu data-parallel distribute strategy", "mpi"],
  ["threads", "workers num-workers num-threads n-threads cores n-jobs jobs j cpus nproc num-cores intra-op-threads"],
  ["testTimeAugmentation", "tta ten-crop test-augmentation"],
  ["compare", "runs with against other"],
  ["seeds", "repeats num-seeds n-seeds n-runs num-runs trials"],
  ["examples", "samples num-samples num-images rows n"],
  ["input", "input-format layout data-format channels-last"],
  ["precision", "dtype precisions"],
  ["precision", "fp16 half float16", "fp16"],
  ["precision", "int8 quantize quantise quantization", "int8"],
  ["calibrationImages", "calibration-samples calib-images num-calibration-samples"],
  ["tolerance", "tol atol rtol eps epsilon"],
  ["parityImages", "check-images num-check"],
  ["opset", "opset-version onnx-opset"],
  ["top", "topk top-k k"],
  ["format", "output-format style"],
  ["urls", "url allow-urls online"],
  ["port", "http-port listen p"],
  ["resume", "continue resume-from resume-from-checkpoint auto-resume continue-training"],
  ["force", "overwrite clean restart rerun f no-cache"],
  ["quiet", "silent q"],
  ["config", "config-file cfg configuration c yaml params"],
  ["preset", "recipe profile defaults"],
  ["json", "output-json as-json"],
  ["help", "usage man flags options"],
];

/** Answers to words for which there is no field. */
export const explanations: readonly (readonly [words: string, says: string])[] = [
  [
    "optimizer optimiser optim opt adam adamw sgd rmsprop nesterov lion",
    "training uses Nesterov momentum SGD; --momentum and --learning-rate set it",
  ],
  [
    "dropout drop drop-rate drop-path drop-path-rate stochastic-depth dropout-rate",
    "the network has no dropout; --shake and --weight-decay regularise it",
  ],
  [
    "mixup cutmix label-smoothing smoothing mixup-alpha cutmix-alpha",
    "labels are not mixed or smoothed; --augment lists the augmentations of images",
  ],
  ["loss criterion loss-fn", "the loss is softmax cross-entropy with --weight-decay"],
  [
    "early-stopping early-stop",
    "training runs all --epochs and keeps the checkpoint with the best validation accuracy",
  ],
  ["ema model-ema ema-decay swa", "weights are not averaged; --checkpoint best is the best checkpoint"],
  [
    "grad-clip clip-grad clip-norm max-grad-norm gradient-clip-val",
    "gradients are not clipped; --non-finite skip skips bad steps",
  ],
  [
    "amp mixed-precision bf16 bfloat16",
    "training computes in float32; --precision sets the precision of exported models",
  ],
  ["verbose v debug log-level verbosity", "messages are on; --quiet turns them off"],
  ["num-classes classes n-classes nb-classes", "the data set gives the number of classes"],
  ["val-batch-size eval-batch-size test-batch-size", "evaluation chooses its own batch"],
];

/** Words for values of fields that take one of several. */
export const valueWords: Partial<Record<Field, Readonly<Record<string, string>>>> = {
  dataset: {
    "cifar-10": "cifar c10 cifar10-python",
    "cifar-100": "cifar100-fine fine c100",
    "cifar-100-coarse": "coarse cifar20",
    folder: "imagefolder image-folder custom own files directory imagenet",
    shapes: "embedded toy synthetic quick demo",
  },
  architecture: {
    resnet: "shakenet shake-resnet resnet26 shake-shake shakeshake26 cnn",
    resnext: "shake-resnext resnext29 shakeshake29",
  },
  schedule: {
    cosine: "cosine-annealing cosine-decay cos onecycle",
    restarts: "sgdr warm-restarts cosine-restarts cosine-annealing-warm-restarts cosine-with-restarts",
    plateau: "reduce-on-plateau reduce-lr-on-plateau",
    constant: "none fixed const",
  },
  engine: {
    tensorflow: "tf tfjs keras",
    onnxruntime: "ort onnx onnx-runtime",
    cpu: "reference eager",
    auto: "gpu cuda any best",
  },
  device: { cuda: "gpu nvidia cuda:0 0", webgpu: "wgpu vulkan metal mps dml directml", cpu: "none host" },
  distributed: { mpi: "ddp nccl gloo horovod yes true openmpi mpirun", none: "no false off" },
  testTimeAugmentation: {
    flip: "mirror hflip horizontal-flip yes true",
    "5-crop": "five-crop fivecrop",
    "10-crop": "ten-crop tencrop",
    none: "no false off",
  },
  input: {
    "float32-nchw": "nchw float32 channels-first",
    "float32-nhwc": "nhwc channels-last",
    "uint8-nhwc": "uint8 bytes raw",
  },
  precision: { fp16: "half float16 f16", int8: "quantized uint8 qint8 int8-static", float32: "fp32 full f32" },
  format: { jsonl: "json ndjson json-lines", table: "text plain" },
  fit: { crop: "center cover center-crop", stretch: "fill squash resize", pad: "letterbox contain" },
  unreadable: { skip: "ignore", refuse: "stop error fail" },
  nonFinite: { stop: "error fail raise abort", skip: "ignore continue" },
  sampling: { uniform: "paper dirichlet simplex", normalized: "normalised softmax tensorflow write-up" },
  what: { model: "network onnx", "training-step": "train training step" },
};
