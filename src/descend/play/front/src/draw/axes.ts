import { scaleLinear, type ScaleLinear } from "d3-scale";
import type { Box } from "./layout";
import { short } from "./numbers";

/** The frame of a drawing with two axes: where its inside is, and what stands where. */
export interface Frame {
  inside: Box;
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  xTicks: { at: number; text: string }[];
  yTicks: { at: number; text: string }[];
}

/** A frame for `extent` (least x, most x, least y, most y); `square` makes its inside one. */
export function frameOf(width: number, height: number, font: number, extent: number[], square: boolean): Frame {
  const [left, right, top, bottom] = [4.6 * font, 0.9 * font, 0.8 * font, 3.1 * font];
  let [w, h] = [Math.max(20, width - left - right), Math.max(20, height - top - bottom)];
  if (square) w = h = Math.min(w, h);
  const inside = { x: left + (width - left - right - w) / 2, y: top, width: w, height: h };
  const [x0, x1, y0, y1] = extent.length === 4 ? extent : [0, 1, 0, 1];
  const x = scaleLinear([x0, x1], [inside.x, inside.x + w]);
  const y = scaleLinear([y0, y1], [inside.y + h, inside.y]);
  const ticks = (scale: typeof x, room: number) =>
    scale
      .ticks(Math.max(2, Math.floor(room / (5 * font))))
      .map((value) => ({ at: scale(value), text: short(value, 4) }));
  return { inside, x, y, xTicks: ticks(x, w), yTicks: ticks(y, h) };
}
