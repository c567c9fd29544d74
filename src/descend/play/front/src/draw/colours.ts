export type RGB = [number, number, number];

/** Colours and sizes of the page's look, as numbers and strings that canvas and SVG take. */
export interface Look {
  scale: number;
  font: string;
  text: string;
  muted: string;
  line: string;
  grid: string;
  panel: string;
  accent: string;
  restart: string;
  killed: string;
  positive: string;
  negative: string;
  zero: string;
  classes: string[];
}

/** Colours that the page's custom properties of the same names give. */
export const TOKENS = [
  "text",
  "muted",
  "line",
  "grid",
  "panel",
  "accent",
  "restart",
  "killed",
  "positive",
  "negative",
  "zero",
] as const;

/** The light look: of pictures that are taken away from the page. */
export const LIGHT: Look = {
  scale: 1,
  font: "system-ui, sans-serif",
  text: "#1b2027",
  muted: "#57606c",
  line: "#d8dde5",
  grid: "#e8ebf0",
  panel: "#ffffff",
  accent: "#1a5fd0",
  restart: "#8b97a8",
  killed: "#cdd3dc",
  positive: "#1f6fc2",
  negative: "#d9700a",
  zero: "#eceff3",
  classes: ["#e08a00", "#0072b2", "#009e73", "#c2619b", "#4ba3dd", "#9c2f00", "#7a7000", "#5f6670"],
};

/** Reads "#rgb", "#rrggbb" and "rgb(r, g, b)". */
export function parseColour(text: string): RGB {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const wide = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
    return [0, 2, 4].map((start) => parseInt(wide.slice(start, start + 2), 16)) as RGB;
  }
  const parts = text.match(/[\d.]+/g)?.map(Number) ?? [];
  return parts.length >= 3 ? [parts[0], parts[1], parts[2]] : [128, 128, 128];
}

export function colourText(colour: RGB): string {
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/** Between `from` (share 0) and `to` (share 1). */
export function mixed(from: RGB, to: RGB, share: number): RGB {
  return [0, 1, 2].map((i) => from[i] + (to[i] - from[i]) * share) as RGB;
}

const HALF = 64;

/** Colours of −1 … 1 in 2·64 + 1 steps: blue above 0, orange below. */
export class Ramp {
  readonly bytes: Uint8Array;
  readonly texts: string[];

  constructor(look: Look) {
    const ends = [parseColour(look.negative), parseColour(look.positive)];
    const zero = parseColour(look.zero);
    const colours = Array.from({ length: 2 * HALF + 1 }, (_, i) => {
      const x = (i - HALF) / HALF;
      return mixed(zero, ends[x < 0 ? 0 : 1], Math.abs(x));
    });
    this.bytes = Uint8Array.from(colours.flat().map(Math.round));
    this.texts = colours.map(colourText);
  }

  /** Step of x, cut to −1 … 1; what is no number is 0. */
  static step(x: number): number {
    if (!(x > -1)) return x <= -1 ? 0 : HALF;
    return x >= 1 ? 2 * HALF : Math.round(x * HALF) + HALF;
  }

  text(x: number): string {
    return this.texts[Ramp.step(x)];
  }
}

function luminance(colour: RGB): number {
  const [r, g, b] = colour.map((part) => {
    const c = part / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, 1 … 21. */
export function contrast(a: RGB, b: RGB): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const INK: [string, string] = ["#000000", "#ffffff"];

/** Black or white, whichever reads better on `background`. */
export function inkOn(background: string): string {
  const ground = parseColour(background);
  return contrast(parseColour(INK[0]), ground) >= contrast(parseColour(INK[1]), ground) ? INK[0] : INK[1];
}

/** Colour of class `index`; after the eighth they begin again, each time nearer to the text's colour. */
export function classColour(look: Look, index: number): string {
  const colour = look.classes[index % look.classes.length];
  const again = Math.floor(index / look.classes.length);
  return again === 0 ? colour : colourText(mixed(parseColour(colour), parseColour(look.text), 0.35 * again));
}

/** Largest |x| of the finite ones from `start` to `end`, at least `least`. */
export function largest(values: ArrayLike<number>, start = 0, end = values.length, least = 1e-300): number {
  let most = least;
  for (let i = start; i < end; i++) {
    const size = Math.abs(values[i]);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}
