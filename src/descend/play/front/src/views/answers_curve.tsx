import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { frameOf, type Frame } from "../draw/axes";
import type { Look } from "../draw/colours";
import type { Arrays, NumberArray } from "../protocol/frames";
import type { Experiment } from "../protocol/messages";
import { useStore } from "../store";
import { AnswersFrame } from "./answers_frame";
import { chooseAt, paintRows } from "./answers_plane";
import { clipTo } from "./answers_points";
import { sized, useStage, type Stage } from "./stage";

/** The fit, what each hidden node adds to it, and the rows. */
export function Curve({ experiment }: { experiment: Experiment }) {
  const place = useRef<HTMLDivElement>(null);
  const stage = useStage(place);
  return (
    <div class="answers-place" ref={place}>
      {stage && <SizedCurve stage={stage} experiment={experiment} />}
    </div>
  );
}

function SizedCurve({ stage, experiment }: { stage: Stage; experiment: Experiment }) {
  const store = useStore();
  const { width, height, look } = stage;
  const rows = useRef<HTMLCanvasElement>(null);
  const lines = useRef<HTMLCanvasElement>(null);
  const font = 11 * look.scale;
  const frame = useMemo(
    () => frameOf(width, height, font, experiment.extent, false),
    [width, height, font, experiment],
  );
  const paint = () => {
    const arrays = store.picture.value?.arrays;
    if (lines.current && arrays) paintLines(sized(lines.current, width, height), arrays, frame, look);
  };
  useLayoutEffect(paint, [frame, look]);
  useSignalEffect(paint);
  useLayoutEffect(() => paintRows(rows.current, store, frame, stage), [frame, look, experiment]);
  const names: [string, string] = [experiment.inputs[0] ?? "x", experiment.outputs[0] ?? "y"];
  return (
    <div
      class="answers-layers"
      onClick={(event) => chooseAt(event, store, frame)}
      role="img"
      aria-label="The fit, the part of each hidden node, and the rows; a click chooses a training row"
    >
      <canvas ref={rows} />
      <canvas ref={lines} />
      <AnswersFrame frame={frame} width={width} height={height} font={font} names={names} />
    </div>
  );
}

function paintLines(context: CanvasRenderingContext2D, arrays: Arrays, frame: Frame, look: Look): void {
  const [xs, fit, parts] = [arrays.curve_x?.data, arrays.curve_y?.data, arrays.curve_parts];
  if (!xs || !fit) return;
  context.save();
  clipTo(context, frame);
  context.lineJoin = "round";
  if (parts)
    for (let node = 0; node < parts.shape[0]; node++) {
      context.strokeStyle = look.negative;
      context.lineWidth = 1.25 * look.scale;
      context.stroke(linePath(xs, parts.data, node * xs.length, frame));
    }
  for (const [colour, wide] of [
    [look.panel, 5],
    [look.accent, 3],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = wide * look.scale;
    context.stroke(linePath(xs, fit, 0, frame));
  }
  context.restore();
}

function linePath(xs: NumberArray, ys: NumberArray, start: number, frame: Frame): Path2D {
  const path = new Path2D();
  for (let i = 0; i < xs.length; i++) path.lineTo(frame.x(xs[i]), frame.y(ys[start + i]));
  return path;
}
