import { importTests } from "./import_tests.ts";

await importTests(
  "tests/pipeline/cli",
  "tests/pipeline/configuration",
  "tests/pipeline/evaluation",
  "tests/pipeline/report",
  "tests/pipeline/run",
);
