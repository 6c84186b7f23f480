/** The example service in this process. */
import { serve } from "../../examples/deno/service.ts";
import { writeHubFolder } from "./hub_folder.ts";
import { inTemporaryFolder } from "./temporary_folder.ts";

/** Calls with the address of a service of the small network, and the folder of its export. */
export async function inService(run: (url: string, folder: string) => Promise<void>): Promise<void> {
  const log = console.log;
  console.log = () => {};
  try {
    await inTemporaryFolder(async (folder) => {
      await writeHubFolder(folder);
      const server = await serve(folder, 0);
      try {
        await run(`http://127.0.0.1:${server.addr.port}`, folder);
      } finally {
        await server.shutdown();
      }
    });
  } finally {
    console.log = log;
  }
}
