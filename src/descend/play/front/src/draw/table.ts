import { short } from "./numbers";

/** A confusion matrix, true by predicted, with the share of its row that each cell is. */
export interface Confusion {
  classes: number;
  count(truth: number, predicted: number): number;
  share(truth: number, predicted: number): number;
  right: number;
  rows: number;
}

export const MOST_CLASSES = 20;

export function confusionOf(counts: ArrayLike<number>, classes: number): Confusion {
  const count = (truth: number, predicted: number) => counts[truth * classes + predicted];
  const sums = Array.from({ length: classes }, (_, truth) => {
    let sum = 0;
    for (let predicted = 0; predicted < classes; predicted++) sum += count(truth, predicted);
    return sum;
  });
  let right = 0;
  for (let c = 0; c < classes; c++) right += count(c, c);
  return {
    classes,
    count,
    share: (truth, predicted) => (sums[truth] ? count(truth, predicted) / sums[truth] : 0),
    right,
    rows: sums.reduce((a, b) => a + b, 0),
  };
}

/** A share in whole percent; what is above 0 and below half a percent is said to be so. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "<1 %";
  if (share < 1 && share >= 0.995) return ">99 %";
  return `${short(Math.round(100 * share))} %`;
}

/** Least and most of both lists together, with a little room: the extent of true against predicted. */
export function commonExtent(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  let [least, most] = [Infinity, -Infinity];
  for (const list of [a, b])
    for (let i = 0; i < list.length; i++) {
      if (!Number.isFinite(list[i])) continue;
      least = Math.min(least, list[i]);
      most = Math.max(most, list[i]);
    }
  if (least > most) return [0, 1, 0, 1];
  const room = 0.04 * (most - least) || 1;
  return [least - room, most + room, least - room, most + room];
}
