import assert from "#assert";
import { FolderBusyError, lockFolder } from "../../../data/files/folder_lock.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

Deno.test("a folder has one holder at a time, and is free when a holder has ended or was killed", () =>
  inTemporaryFolder(async (folder) => {
    {
      using _lock = await lockFolder(folder, "first");
      await assert.rejects(
        lockFolder(folder, "second"),
        (error) => error instanceof FolderBusyError && error.message.includes(`(first, process ${Deno.pid})`),
      );
    }
    const module = new URL("../../../data/files/folder_lock.ts", import.meta.url);
    const script =
      `import { lockFolder } from "${module}"; await lockFolder("${folder}", "child"); console.log("locked");` +
      "setInterval(() => {}, 1000)";
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--allow-read",
        `--allow-write=${folder}`,
        `data:application/javascript,${encodeURIComponent(script)}`,
      ],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await assert.rejects(lockFolder(folder, "second"), /\(child, process \d+\)/);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    using _lock = await lockFolder(folder, "second");
  }));
