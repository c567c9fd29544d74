import { Ramp, classColour, mixed, parseColour, type Look } from "./colours";

/** Pixels of a picture, RGBA, row after row from the top. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

export function newPixels(width: number, height: number): Pixels {
  return { width, height, data: new Uint8ClampedArray(4 * width * height) };
}

/** Writes `count` values from `start`, each as one pixel, coloured by value / largest. */
export function paintRamp(
  pixels: Pixels,
  at: number,
  values: ArrayLike<number>,
  start: number,
  count: number,
  most: number,
  ramp: Ramp,
): void {
  const { data } = pixels;
  const { bytes } = ramp;
  for (let i = 0, p = 4 * at; i < count; i++, p += 4) {
    const c = 3 * Ramp.step(values[start + i] / most);
    data[p] = bytes[c];
    data[p + 1] = bytes[c + 1];
    data[p + 2] = bytes[c + 2];
    data[p + 3] = 255;
  }
}

/** Size of W's picture: at most `most` pixels each way. */
export function weightPixels(rows: number, columns: number, most: number): [number, number] {
  return [Math.min(rows, most), Math.min(columns, most)];
}

/** |W| (rows, columns), from downwards, to rightwards: each pixel the weight of largest size of those it stands for. */
export function paintWeights(
  W: ArrayLike<number>,
  start: number,
  rows: number,
  columns: number,
  largestSize: number,
  ramp: Ramp,
  most = 96,
): Pixels {
  const [height, width] = weightPixels(rows, columns, most);
  const strongest = new Float64Array(width * height);
  for (let i = 0; i < rows; i++) {
    const at = Math.floor((i * height) / rows) * width;
    for (let j = 0; j < columns; j++) {
      const w = W[start + i * columns + j];
      const p = at + Math.floor((j * width) / columns);
      if (Math.abs(w) > Math.abs(strongest[p])) strongest[p] = w;
    }
  }
  const pixels = newPixels(width, height);
  paintRamp(pixels, 0, strongest, 0, strongest.length, largestSize, ramp);
  return pixels;
}

/** What a surface's values mean for its colours. */
export interface SurfaceKind {
  classes: boolean;
  /** Of one output: the value between the two classes. */
  middle: number;
  /** Of one output: how far from the middle colours are full. */
  reach: number;
}

/** Colours of a surface (outputs, g, g): of the likeliest class, paler where it is less sure; or by the sign of a number. */
export function paintSurface(
  surface: ArrayLike<number>,
  outputs: number,
  rows: number,
  columns: number,
  kind: SurfaceKind,
  look: Look,
): Pixels {
  const pixels = newPixels(columns, rows);
  const size = rows * columns;
  if (!kind.classes) {
    paintRamp(pixels, 0, surface, 0, size, kind.reach, new Ramp(look));
    return pixels;
  }
  const panel = parseColour(look.panel);
  const colours = Array.from({ length: Math.max(2, outputs) }, (_, c) => parseColour(classColour(look, c)));
  for (let i = 0; i < size; i++) {
    const [best, sure] = outputs === 1 ? oneOutput(surface[i], kind) : likeliest(surface, outputs, size, i);
    const colour = mixed(panel, colours[best], 0.12 + 0.5 * sure);
    for (let part = 0; part < 3; part++) pixels.data[4 * i + part] = colour[part];
    pixels.data[4 * i + 3] = 255;
  }
  return pixels;
}

function oneOutput(value: number, kind: SurfaceKind): [number, number] {
  const far = (value - kind.middle) / kind.reach;
  return [far > 0 ? 1 : 0, Math.min(1, Math.abs(far) || 0)];
}

/** The class with the largest output, and how far it is ahead of the second one, 0 … 1. */
function likeliest(surface: ArrayLike<number>, outputs: number, size: number, at: number): [number, number] {
  let [best, first, second] = [0, -Infinity, -Infinity];
  for (let c = 0; c < outputs; c++) {
    const value = surface[c * size + at];
    if (value > first) [best, second, first] = [c, first, value];
    else if (value > second) second = value;
  }
  return [best, Math.max(0, Math.min(1, first - second)) || 0];
}
