import { short } from "./numbers";

const EM = 0.57;

/** About how wide `text` is, in the font's px. */
export function textWidth(text: string, px: number): number {
  return text.length * EM * px;
}

/** `text`, cut with … where it is wider than `width`; "" where not even two letters fit. */
export function fitted(text: string, width: number, px: number): string {
  if (textWidth(text, px) <= width) return text;
  const letters = Math.floor(width / (EM * px)) - 1;
  return letters < 2 ? "" : `${text.slice(0, letters)}…`;
}

const BESIDE = 34; // px between two layers that pictures of weights take

/** "64 nodes" below a layer, or "64" where there is less room. */
export function countWords(count: number, { spacing, font }: { spacing: number; font: number }): string {
  const words = `${count} nodes`;
  return fitted(words, spacing - BESIDE, font) === words ? words : String(count);
}

const TIGHT = 6;

/** A number in about six letters, for the inside of a node: with three digits, or as many as there is room for. */
export function tight(x: number): string {
  const texts = [3, 2, 1].map((digits) => short(x, digits));
  return texts.find((text) => text.length <= TIGHT) ?? exponential(x);
}

/** One digit and a power of ten: −0.0004 is −4e−04. */
function exponential(x: number): string {
  const [digit, power] = x.toExponential(0).split("e");
  const size = String(Math.abs(Number(power))).padStart(2, "0");
  return `${digit.replace("-", "−")}e${Number(power) < 0 ? "−" : "+"}${size}`;
}

/** Python's words with a real minus sign before numbers, as the page writes its own; dates and names stay as they are. */
export function withMinus(text: string): string {
  return text.replace(/(^|[\s(,;:e])-(?=\d|∞)/g, "$1−");
}

/** A cell with a real minus sign, if it is a number. */
export function cellText(text: string): string {
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? text.replaceAll("-", "−") : text;
}

/** A class's name as it is shown: `classes[i]`, or its number. */
export function className(classes: string[], index: number): string {
  return classes[index] ?? String(index);
}
