import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { frameOf, type Frame } from "../draw/axes";
import { ownName } from "../draw/naming";
import { nearestPoint, pointOfRow, pointsOf, trainingRow } from "../draw/points";
import type { Pixels } from "../draw/raster";
import { surfacePixels } from "../draw/surface";
import type { Experiment } from "../protocol/messages";
import { useStore, type Store } from "../store";
import { AnswersFrame } from "./answers_frame";
import { paintChosen, paintPoints } from "./answers_points";
import { sized, useStage, type Stage } from "./stage";

/** The surface over the plane, with the rows on it. */
export function Plane({ experiment }: { experiment: Experiment }) {
  const place = useRef<HTMLDivElement>(null);
  const stage = useStage(place);
  return (
    <div class="answers-place" ref={place}>
      {stage && <SizedPlane stage={stage} experiment={experiment} />}
    </div>
  );
}

function SizedPlane({ stage, experiment }: { stage: Stage; experiment: Experiment }) {
  const store = useStore();
  const { width, height, look } = stage;
  const surface = useRef<HTMLCanvasElement>(null);
  const rows = useRef<HTMLCanvasElement>(null);
  const font = 11 * look.scale;
  const frame = useMemo(() => frameOf(width, height, font, experiment.extent, true), [width, height, font, experiment]);
  const paint = () => {
    const arrays = store.picture.value?.arrays;
    if (surface.current && arrays) paintInto(surface.current, surfacePixels(experiment, arrays, look), frame, stage);
  };
  useLayoutEffect(paint, [frame, look]);
  useSignalEffect(paint);
  useLayoutEffect(() => paintRows(rows.current, store, frame, stage), [frame, look, experiment]);
  const click = (event: MouseEvent) => chooseAt(event, store, frame);
  return (
    <div
      class="answers-layers"
      onClick={click}
      role="img"
      aria-label="What the network says at each place of the plane, and the rows; a click chooses a training row"
    >
      <canvas ref={surface} />
      <canvas ref={rows} />
      <AnswersFrame
        frame={frame}
        width={width}
        height={height}
        font={font}
        names={[ownName(experiment, 0, 0), ownName(experiment, 0, 1)]}
      />
    </div>
  );
}

function paintInto(
  canvas: HTMLCanvasElement,
  pixels: Pixels | null,
  { inside }: Frame,
  { width, height }: Stage,
): void {
  const context = sized(canvas, width, height);
  if (pixels === null) return;
  const small = document.createElement("canvas");
  small.width = pixels.width;
  small.height = pixels.height;
  small.getContext("2d")?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  context.drawImage(small, inside.x, inside.y, inside.width, inside.height);
}

/** Draws all rows, and a ring around the chosen one. */
export function paintRows(
  canvas: HTMLCanvasElement | null,
  store: Store,
  frame: Frame,
  { width, height, look }: Stage,
): void {
  const experiment = store.experiment.value;
  const points = experiment && pointsOf(experiment.arrays);
  if (canvas === null) return;
  const context = sized(canvas, width, height);
  if (!experiment || !points) return;
  paintPoints(context, points, frame, experiment.message.task === "classes", look);
  const chosen = pointOfRow(points, experiment.message.settings.row);
  if (chosen >= 0)
    paintChosen(
      context,
      frame.x(points.data[chosen * points.width]),
      frame.y(points.data[chosen * points.width + 1]),
      look,
    );
}

const REACH = 12;

/** Chooses the training row that was clicked at. */
export function chooseAt(event: MouseEvent, store: Store, frame: Frame): void {
  const points = pointsOf(store.experiment.value?.arrays ?? {});
  if (points === null) return;
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const point = nearestPoint(points, frame.x, frame.y, [event.clientX - box.left, event.clientY - box.top], REACH);
  const row = point < 0 ? -1 : trainingRow(points, point);
  if (row >= 0) store.set({ row });
}
