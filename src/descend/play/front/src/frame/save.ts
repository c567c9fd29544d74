import type { Arrays } from "../protocol/frames";
import type { File } from "../protocol/messages";

function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Gives a file of Python's to the browser's downloads. */
export function saveFile(file: File, arrays: Arrays): void {
  saveBlob(new Blob([arrays.bytes.data as Uint8Array<ArrayBuffer>], { type: file.mime }), file.name);
}

export function saveSvg(svg: string, name: string): void {
  saveBlob(new Blob([svg], { type: "image/svg+xml" }), name);
}

const PIXELS_PER_UNIT = 2;

/** The same picture in pixels. */
export async function savePng(svg: string, name: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * PIXELS_PER_UNIT;
  canvas.height = image.naturalHeight * PIXELS_PER_UNIT;
  const paper = canvas.getContext("2d");
  if (paper === null) throw new Error("this browser draws no canvas");
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) throw new Error("the picture is too large for this browser");
  saveBlob(blob, name);
}
