import type { NumberArray } from "../protocol/frames";
import { frameOf } from "./axes";
import type { Look } from "./colours";
import type { RestartCurves } from "./restart_curves";
import { thinned, valueRange } from "./curves";
import { frameSVG, pathOf } from "./svg_answers";
import { tag } from "./svg";

/** Curves as SVG elements: the one looked at in the accent with its training loss dashed, killed ones pale. */
export function curvesSVG(
  { epochs, loss, validation, status, shown, planned }: RestartCurves,
  width: number,
  height: number,
  look: Look,
): string {
  const main = validation ?? loss;
  if (main === null || epochs.length === 0) return "";
  const count = epochs.length;
  const of = (data: NumberArray, restart: number) => data.subarray(restart * count, (restart + 1) * count);
  const sound = status.map((_, r) => r).filter((r) => status[r] !== "diverged");
  const range = valueRange(
    sound.map((r) => of(main, r)),
    false,
  ) ?? [0, 1];
  const font = 11 * look.scale;
  const frame = frameOf(
    width,
    height,
    font,
    [Math.min(epochs[0], 1), Math.max(epochs[count - 1], planned, 2), ...range],
    false,
  );
  const points = thinned(count, 200);
  const y = (value: number) => (value >= range[0] && value <= range[1] ? frame.y(value) : NaN);
  const curve = (data: NumberArray, stroke: string, wide: number, dash = "none") => {
    const d = pathOf(
      points.map((i) => epochs[i]),
      points.map((i) => data[i]),
      frame.x,
      y,
    );
    return tag("path", { d, fill: "none", stroke, "stroke-width": wide, "stroke-dasharray": dash });
  };
  const others = status
    .map((_, r) => r)
    .filter((r) => r !== shown)
    .sort((a, b) => Number(status[b] === "killed") - Number(status[a] === "killed"));
  const pale = others.map((r) => curve(of(main, r), status[r] === "killed" ? look.killed : look.restart, 1.1));
  const training = validation && loss ? curve(of(loss, shown), look.accent, 1.3, "4 3") : "";
  return (
    pale.join("") + training + curve(of(main, shown), look.accent, 2.4) + frameSVG(frame, ["epoch", "loss"], font, look)
  );
}
