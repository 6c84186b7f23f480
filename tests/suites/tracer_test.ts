import { importTests } from "./import_tests.ts";

await importTests(
  "tests/onnx/edits",
  "tests/onnx/file",
  "tests/onnx/graph",
  "tests/onnx/layers",
  "tests/onnx/passes",
  "tests/onnx/trace",
);
