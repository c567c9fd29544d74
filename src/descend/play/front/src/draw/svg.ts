import type { Box } from "./layout";
import type { Pixels } from "./raster";

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it may stand in XML; letters that XML cannot hold are left out. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"]/g, (letter) => ESCAPES[letter]);
}

/** An element as text; numbers are cut to hundredths of a px. */
export function tag(name: string, attributes: Record<string, string | number>, inside = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? Number(value.toFixed(2)) : escaped(value)}"`,
  );
  return `<${name}${written.join("")}${inside === "" ? "/>" : `>${inside}</${name}>`}`;
}

export function label(text: string, x: number, y: number, attributes: Record<string, string | number>): string {
  return tag("text", { x, y, ...attributes }, escaped(text));
}

/** Makes pixels an address that an image can hold. */
export type ImageAddress = (pixels: Pixels) => string;

/** Pixels in a box; smooth where they are samples of a surface, not where each stands for itself. */
export function image(pixels: Pixels, { x, y, width, height }: Box, address: ImageAddress, smooth = true): string {
  const rendering = smooth ? "auto" : "pixelated";
  return tag("image", {
    x,
    y,
    width,
    height,
    preserveAspectRatio: "none",
    "image-rendering": rendering,
    href: address(pixels),
  });
}

/** A PNG in a data: address, by the browser's canvas. */
export const canvasAddress: ImageAddress = (pixels) => {
  const canvas = document.createElement("canvas");
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  return canvas.toDataURL("image/png");
};
