/**
 * Kinds of files by their names, in a folder of pictures.
 *
 * @module
 */
const PICTURE = /\.(png|jpe?g|jpe|jfif|webp|avif|gif|tiff?)$/i;
/** Pictures that sharp's packages cannot decode, and drawings, which have no pixels of their own. */
const OTHER_FORMAT =
  /\.(bmp|dib|heics?|heifs?|hif|svgz?|eps|ai|pdf|psd|xcf|jxl|jp2|j2k|jpx|ico|cur|tga|pcx|p[bgnp]m|exr|hdr|dds|dng|cr[23w]|nef|arw|orf|raf|rw2|raw)$/i;

/** Files that operating systems and storage devices add, in lower case. Hidden files, whose names begin with a dot, too. */
const SYSTEM_FILES = new Set([
  ...["__macosx", "icon\r"], // macOS
  ...["thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information"], // Windows
  ...["@eadir", "#recycle", "@recycle", "lost+found"], // network storage, Linux
]);

export type FileKind = "picture" | "other format" | "system" | "other";

/** The endings of pictures, for messages. */
export const PICTURE_ENDINGS = "png, jpg, jfif, webp, avif, gif or tiff";

/** Tells the kind of a file, or of a folder, by its name. */
export function kindOf(name: string): FileKind {
  if (name.startsWith(".") || SYSTEM_FILES.has(name.toLowerCase())) return "system";
  if (PICTURE.test(name)) return "picture";
  return OTHER_FORMAT.test(name) ? "other format" : "other";
}
