import type { Arrays, NumberArray } from "../protocol/frames";

/** Rows as points: x, y, what stands at the third place, and which part they belong to. */
export interface Points {
  count: number;
  width: number;
  data: NumberArray;
  part: NumberArray | null;
}

export function pointsOf(arrays: Arrays): Points | null {
  const points = arrays.points;
  if (points === undefined) return null;
  return { count: points.shape[0], width: points.shape[1], data: points.data, part: arrays.part?.data ?? null };
}

export const PARTS = ["training", "choosing", "judging"] as const;

export function partOf(points: Points, index: number): number {
  return points.part ? points.part[index] : 0;
}

/** Number of a point among the training rows; −1 if it does not train. */
export function trainingRow(points: Points, index: number): number {
  if (partOf(points, index) !== 0) return -1;
  let row = 0;
  for (let i = 0; i < index; i++) if (partOf(points, i) === 0) row++;
  return row;
}

/** Index of the point of training row `row`; −1 if there is none. */
export function pointOfRow(points: Points, row: number): number {
  let left = row;
  for (let i = 0; i < points.count; i++) if (partOf(points, i) === 0 && left-- === 0) return i;
  return -1;
}

/** The point nearest to a place on the screen, at most `reach` px away; −1 if there is none. */
export function nearestPoint(
  points: Points,
  x: (value: number) => number,
  y: (value: number) => number,
  at: [number, number],
  reach: number,
): number {
  let [best, least] = [-1, reach];
  for (let i = 0; i < points.count; i++) {
    const far = Math.hypot(x(points.data[i * points.width]) - at[0], y(points.data[i * points.width + 1]) - at[1]);
    if (far < least) [best, least] = [i, far];
  }
  return best;
}
