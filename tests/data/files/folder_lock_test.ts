import assert from "#assert";
import { FolderBusyError, isFolderLocked, lockFolder } from "../../../data/files/folder_lock.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { withoutStat } from "../../support/failing_stat.ts";
import { makePipe } from "../../support/odd_files.ts";
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

Deno.test("a process that only looks at a lock keeps no other from locking", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/.lock`;
    await Deno.writeTextFile(path, "");
    // As `isFolderLocked` does, which lets go at once.
    const looking = await Deno.open(path);
    assert.ok(await looking.tryLock(false));
    // As long as a busy machine may take to come back to it.
    const timer = setTimeout(() => looking.close(), 300);
    try {
      using _lock = await lockFolder(folder, "second");
    } finally {
      clearTimeout(timer);
    }
  }));

Deno.test("a lock that is a link is refused, and its target stays as it was", {
  ignore: Deno.build.os === "windows",
}, () =>
  inTemporaryFolder(async (folder) => {
    const target = `${folder}/precious`, lock = `${folder}/run/.lock`;
    await Deno.mkdir(`${folder}/run`);
    await Deno.writeTextFile(target, "precious");
    const links: Readonly<Record<string, () => Promise<unknown>>> = {
      symbolic: () => Deno.symlink(target, lock),
      hard: () => Deno.link(target, lock),
      dangling: () => Deno.symlink(`${folder}/nothing`, lock),
      folder: () => Deno.mkdir(lock),
      pipe: () => makePipe(lock),
    };
    for (const [kind, make] of Object.entries(links)) {
      await make();
      await assert.rejects(
        lockFolder(`${folder}/run`, "test"),
        (error) => error instanceof InputError && error.message.startsWith(`${lock} is a link or no regular file`),
        kind,
      );
      assert.equal(await Deno.readTextFile(target), "precious", kind);
      await Deno.remove(lock);
    }
    await assert.rejects(Deno.stat(`${folder}/nothing`), Deno.errors.NotFound);
    using _lock = await lockFolder(`${folder}/run`, "test");
  }));

Deno.test("a folder is locked while its lock is held, and looking changes nothing", () =>
  inTemporaryFolder(async (folder) => {
    assert.equal(await isFolderLocked(folder), false);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
    {
      using _lock = await lockFolder(folder, "a test");
      assert.equal(await isFolderLocked(folder), true);
    }
    assert.equal(await isFolderLocked(folder), false);
    using _again = await lockFolder(folder, "a test");
  }));

Deno.test("the file of a lock is closed if it cannot be examined", () =>
  inTemporaryFolder(async (folder) => {
    (await lockFolder(folder, "first"))[Symbol.dispose]();
    const open = await withoutStat(() => assert.rejects(lockFolder(folder, "second"), /^Error: stat fails$/));
    assert.equal(open, 0);
  }));
