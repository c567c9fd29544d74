import { Ramp, classColour, largest, type Look } from "../draw/colours";
import type { Frame } from "../draw/axes";
import { partOf, type Points } from "../draw/points";

/** How the rows of each part look: training filled, choosing smaller, judging hollow. */
export function paintPoints(
  context: CanvasRenderingContext2D,
  points: Points,
  frame: Frame,
  classes: boolean,
  look: Look,
): void {
  const size = (points.count > 1500 ? 2.2 : 3.4) * look.scale;
  const colour = colourOf(points, classes, look);
  const rim = classes || points.width < 3 ? look.panel : look.text;
  context.save();
  clipTo(context, frame);
  for (const part of [2, 1, 0])
    for (let i = 0; i < points.count; i++) {
      if (partOf(points, i) !== part) continue;
      const [x, y] = [frame.x(points.data[i * points.width]), frame.y(points.data[i * points.width + 1])];
      paintPoint(context, x, y, part, size, colour(i), rim);
    }
  context.restore();
}

/** One row's mark. */
export function paintPoint(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  part: number,
  size: number,
  colour: string,
  rim: string,
): void {
  context.beginPath();
  context.arc(x, y, part === 1 ? size * 0.62 : size, 0, 2 * Math.PI);
  if (part === 2) {
    context.strokeStyle = rim;
    context.lineWidth = 3.2;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    context.stroke();
    return;
  }
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = rim;
  context.lineWidth = 0.9;
  context.stroke();
}

/** A ring around the chosen row. */
export function paintChosen(context: CanvasRenderingContext2D, x: number, y: number, look: Look): void {
  for (const [colour, wide] of [
    [look.panel, 5],
    [look.text, 2.2],
  ] as const) {
    context.beginPath();
    context.arc(x, y, 7.5 * look.scale, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.stroke();
  }
}

export function clipTo(context: CanvasRenderingContext2D, { inside }: Frame): void {
  context.beginPath();
  context.rect(inside.x, inside.y, inside.width, inside.height);
  context.clip();
}

function colourOf(points: Points, classes: boolean, look: Look): (index: number) => string {
  if (points.width < 3) return () => look.text;
  const third = (i: number) => points.data[i * points.width + 2];
  if (classes) return (i) => classColour(look, third(i));
  const ramp = new Ramp(look);
  const most = largest(Float64Array.from({ length: points.count }, (_, i) => third(i)));
  return (i) => ramp.text(third(i) / most);
}
