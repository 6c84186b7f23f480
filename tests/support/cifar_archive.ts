/** An archive of CIFAR-10's published layout, at full size but of plain pictures. */
import { createTarPacker } from "modern-tar";
import { catalogue } from "../../data/catalogue.ts";
import { recordBytes } from "../../data/cifar.ts";

/** Packs an archive in which record n of a file has class n modulo 10 and every pixel is 51. */
export async function writeCifarArchive(path: string): Promise<void> {
  const { folder, train, test, labelFile, classes } = catalogue["cifar-10"];
  const size = recordBytes({ labelBytes: 1 });
  const { readable, controller } = createTarPacker();
  const written = readable.pipeThrough(new CompressionStream("gzip")).pipeTo((await Deno.create(path)).writable);
  const add = async (name: string, body: Uint8Array<ArrayBuffer>) => {
    const writer = controller.add({ name: `${folder}/${name}`, size: body.length, type: "file" }).getWriter();
    await writer.write(body);
    await writer.close();
  };
  for (const { name, records } of [...train, ...test]) {
    const body = new Uint8Array(records * size).fill(51);
    for (let record = 0; record < records; record++) body[record * size] = record % classes;
    await add(name, body);
  }
  await add(labelFile, new TextEncoder().encode([..."abcdefghij"].join("\n")));
  controller.finalize();
  await written;
}
