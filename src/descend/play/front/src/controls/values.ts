import type { Bounds } from "../protocol/messages";

/** What was typed as a number; NaN if it is none. A comma and a real minus sign are understood. */
export function numberOf(text: string): number {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}

/** How ↑ and ↓ change a number: by 1, or along 1, 2, 5, 10, 20 … */
export type Steps = "ones" | "ladder";

function ladder(value: number, up: boolean): number {
  if (value === 0) return up ? 0.0001 : 0;
  const power = Math.floor(Math.log10(value) + 1e-9);
  const rungs = [power - 1, power, power + 1].flatMap((p) => [1, 2, 5].map((digit) => Number(`${digit}e${p}`)));
  const found = up ? rungs.find((rung) => rung > value * 1.001) : rungs.reverse().find((rung) => rung < value * 0.999);
  return found ?? value;
}

/** The next value up or down, within its bounds. */
export function stepped(value: number, up: boolean, steps: Steps, bounds: Bounds): number {
  const next = steps === "ones" ? value + (up ? 1 : -1) : ladder(value, up);
  const within = Math.min(bounds.most, Math.max(bounds.least, next));
  return bounds.whole ? Math.round(up ? Math.ceil(within) : Math.floor(within)) : within;
}

/** A slider's value text and position from 0 to 1000; wide ranges of whole numbers go by their logarithm. */
export function sliderScale(bounds: Bounds): { at(value: number): number; valueAt(position: number): number } {
  const { least, most, whole } = bounds;
  const logarithmic = least > 0 && most / least > 50;
  const from = logarithmic ? Math.log(least) : least;
  const span = (logarithmic ? Math.log(most) : most) - from;
  return {
    at: (value) => Math.round(((logarithmic ? Math.log(value) : value) - from) * (1000 / span)),
    valueAt: (position) => {
      const raw = from + (position / 1000) * span;
      const value = logarithmic ? Math.exp(raw) : raw;
      return whole ? rounded(value, logarithmic) : Number(value.toPrecision(3));
    },
  };
}

function rounded(value: number, logarithmic: boolean): number {
  return logarithmic && value >= 100 ? Number(value.toPrecision(2)) : Math.round(value);
}
