import { scaleLinear, type ScaleLinear } from "d3-scale";
import type { Box } from "./layout";
import { short } from "./numbers";
import { textWidth } from "./words";

/** The frame of a drawing with two axes: where its inside is, and what stands where. */
export interface Frame {
  inside: Box;
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  xTicks: { at: number; text: string }[];
  yTicks: { at: number; text: string }[];
  /** Where the foot of the y axis' name stands: left of the widest tick. */
  nameX: number;
}

/** A frame for `extent` (least x, most x, least y, most y); `square` makes its inside one. */
export function frameOf(width: number, height: number, font: number, extent: number[], square: boolean): Frame {
  const [top, bottom] = [0.8 * font, 3.1 * font];
  const [x0, x1, y0, y1] = extent.length === 4 ? extent : [0, 1, 0, 1];
  const ticks = (scale: ScaleLinear<number, number>, room: number) =>
    scale
      .ticks(Math.max(2, Math.floor(room / (5 * font))))
      .map((value) => ({ at: scale(value), text: short(value, 4) }));
  let h = Math.max(20, height - top - bottom);
  const widest = (least: number, most: number, room: number) =>
    Math.max(...ticks(scaleLinear([least, most], [0, room]), room).map(({ text }) => textWidth(text, font)));
  const left = Math.max(4.6 * font, widest(y0, y1, h) + 2.4 * font);
  const right = Math.max(0.9 * font, widest(x0, x1, width - left) / 2);
  let w = Math.max(20, width - left - right);
  if (square) w = h = Math.min(w, h);
  const inside = { x: left + (width - left - right - w) / 2, y: top, width: w, height: h };
  const x = scaleLinear([x0, x1], [inside.x, inside.x + w]);
  const y = scaleLinear([y0, y1], [inside.y + h, inside.y]);
  return { inside, x, y, xTicks: ticks(x, w), yTicks: ticks(y, h), nameX: inside.x - left + 0.9 * font };
}
