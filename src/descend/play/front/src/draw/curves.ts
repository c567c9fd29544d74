/** Indices of at most `most` of `count` points, evenly, always with the first and the last. */
export function thinned(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}

/** Least and most of those curves' values that can be drawn: finite, and above 0 where the scale is logarithmic. */
export function valueRange(curves: ArrayLike<number>[], log: boolean): [number, number] | null {
  let [least, most] = [Infinity, -Infinity];
  for (const curve of curves)
    for (let i = 0; i < curve.length; i++) {
      const value = curve[i];
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  if (least > most) return null;
  if (least === most)
    return log ? [least / 2, most * 2] : [least - Math.abs(least) / 2 - 1e-9, most + Math.abs(most) / 2 + 1e-9];
  const pad = 0.04;
  if (!log)
    return [
      Math.min(least, least >= 0 ? Math.max(0, least - pad * (most - least)) : least - pad * (most - least)),
      most + pad * (most - least),
    ];
  const factor = (most / least) ** pad;
  return [least / factor, most * factor];
}

export interface Bin {
  from: number;
  to: number;
  restarts: number[];
}

/** Bins of equal width (on a logarithmic scale: of equal ratio) of the finite values; about √K of them. */
export function binned(values: ArrayLike<number>, log: boolean): Bin[] {
  const usable = (x: number) => Number.isFinite(x) && (!log || x > 0);
  const indices = Array.from(values, (_, i) => i).filter((i) => usable(values[i]));
  if (indices.length === 0) return [];
  const place = (x: number) => (log ? Math.log(x) : x);
  const back = (x: number) => (log ? Math.exp(x) : x);
  const places = indices.map((i) => place(values[i]));
  const [least, most] = [Math.min(...places), Math.max(...places)];
  const count = least === most ? 1 : Math.min(24, Math.max(4, Math.ceil(1.5 * Math.sqrt(indices.length))));
  const width = (most - least) / count;
  const bins = Array.from(
    { length: count },
    (_, b): Bin => ({ from: back(least + b * width), to: back(least + (b + 1) * width), restarts: [] }),
  );
  indices.forEach((restart, i) => {
    const b = width === 0 ? 0 : Math.min(count - 1, Math.floor((places[i] - least) / width));
    bins[b].restarts.push(restart);
  });
  return bins;
}

/** Rank of each value, 1 for the least; what is not finite has none (0). */
export function ranks(values: ArrayLike<number>): number[] {
  const order = Array.from(values, (_, i) => i)
    .filter((i) => Number.isFinite(values[i]))
    .sort((a, b) => values[a] - values[b] || a - b);
  const answer = Array.from(values, () => 0);
  order.forEach((restart, i) => (answer[restart] = i + 1));
  return answer;
}

/** Index of the x nearest to `at`; the x increase. */
export function nearestIndex(xs: ArrayLike<number>, at: number): number {
  let [low, high] = [0, xs.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= at) low = middle;
    else high = middle;
  }
  return high > 0 && Math.abs(xs[high] - at) < Math.abs(xs[low] - at) ? high : Math.max(low, 0);
}
