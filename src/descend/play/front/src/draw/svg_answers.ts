import { line } from "d3-shape";
import type { Arrays, NumberArray } from "../protocol/frames";
import type { Experiment } from "../protocol/messages";
import { frameOf, type Frame } from "./axes";
import { classColour, colourText, mixed, parseColour, type Look } from "./colours";
import { partOf, pointsOf } from "./points";
import type { Pixels } from "./raster";
import { image, label, tag, type ImageAddress } from "./svg";
import { MOST_CLASSES, commonExtent, confusionOf } from "./table";
import { ownName } from "./naming";
import { className, fitted } from "./words";

/** Axes of a frame as SVG elements. */
export function frameSVG({ inside, xTicks, yTicks, nameX }: Frame, names: [string, string], font: number, look: Look): string {
  const bottom = inside.y + inside.height;
  const words = { "font-size": font, fill: look.muted };
  return [
    tag("rect", { ...inside, fill: "none", stroke: look.line }),
    ...xTicks.map(({ at, text }) => label(text, at, bottom + 4 + font, { ...words, "text-anchor": "middle" })),
    ...yTicks.map(({ at, text }) => label(text, inside.x - 6, at + 0.36 * font, { ...words, "text-anchor": "end" })),
    label(fitted(names[0], inside.width, font), inside.x + inside.width / 2, bottom + 4 + 2.3 * font, {
      ...words,
      fill: look.text,
      "text-anchor": "middle",
    }),
    label(fitted(names[1], inside.height, font), 0, 0, {
      ...words,
      fill: look.text,
      "text-anchor": "middle",
      transform: `translate(${nameX.toFixed(1)},${(inside.y + inside.height / 2).toFixed(1)}) rotate(-90)`,
    }),
  ].join("");
}

/** A curve as a path's `d`; what cannot be drawn is a gap. */
export function pathOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const drawn = line<number>()
    .defined((i) => Number.isFinite(y(ys[i])))
    .x((i) => x(xs[i]))
    .y((i) => y(ys[i]))
    .digits(1);
  return drawn(Array.from(xs, (_, i) => i)) ?? "";
}

interface Answers {
  experiment: Experiment;
  rows: Arrays;
  arrays: Arrays;
  surface: Pixels | null;
  look: Look;
  address: ImageAddress;
}

/** What the network answers as SVG elements: surface, fit, matrix or scatter. */
export function answersSVG(answers: Answers, width: number, height: number): string {
  const { experiment, arrays, look } = answers;
  const font = 11 * look.scale;
  if (experiment.kind !== "table" && experiment.extent.length === 4) {
    const plane = experiment.kind === "plane";
    const frame = frameOf(width, height, font, experiment.extent, plane);
    const names: [string, string] = plane
      ? [ownName(experiment, 0, 0), ownName(experiment, 0, 1)]
      : [experiment.inputs[0], experiment.outputs[0]];
    const drawn = plane
      ? answers.surface
        ? image(answers.surface, frame.inside, answers.address)
        : ""
      : fitSVG(arrays, frame, look);
    return drawn + pointsSVG(answers, frame) + frameSVG(frame, names, font, look);
  }
  if (arrays.confusion)
    return matrixSVG(experiment, arrays.confusion.data, arrays.confusion.shape[0], width, height, font, look);
  if (arrays.true && arrays.predicted)
    return scatterSVG(arrays.true.data, arrays.predicted.data, width, height, font, look);
  return "";
}

function fitSVG(arrays: Arrays, frame: Frame, look: Look): string {
  const [xs, fit, parts] = [arrays.curve_x?.data, arrays.curve_y?.data, arrays.curve_parts];
  if (!xs || !fit) return "";
  const inFrame = (value: number) =>
    Math.max(frame.inside.y, Math.min(frame.inside.y + frame.inside.height, frame.y(value)));
  const curve = (ys: NumberArray, stroke: string, wide: number) =>
    tag("path", { d: pathOf(xs, ys, frame.x, inFrame), fill: "none", stroke, "stroke-width": wide });
  const own = Array.from({ length: parts?.shape[0] ?? 0 }, (_, node) =>
    curve(parts.data.subarray(node * xs.length, (node + 1) * xs.length), look.negative, 1.25),
  );
  return own.join("") + curve(fit, look.accent, 3);
}

function pointsSVG({ experiment, rows, look }: Answers, frame: Frame): string {
  const points = pointsOf(rows);
  if (points === null) return "";
  const classes = experiment.task === "classes" && points.width > 2;
  const marks = Array.from({ length: points.count }, (_, i) => {
    const at = i * points.width;
    const colour = classes ? classColour(look, points.data[at + 2]) : look.text;
    const place = { cx: frame.x(points.data[at]), cy: frame.y(points.data[at + 1]) };
    const part = partOf(points, i);
    if (part === 2) return tag("circle", { ...place, r: 3, fill: "none", stroke: colour, "stroke-width": 1.4 });
    return tag("circle", {
      ...place,
      r: part === 1 ? 2 : 3,
      fill: colour,
      stroke: look.panel,
      "stroke-width": 0.7,
    });
  });
  return marks.join("");
}

function matrixSVG(
  experiment: Experiment,
  counts: ArrayLike<number>,
  classes: number,
  width: number,
  height: number,
  font: number,
  look: Look,
): string {
  if (classes > MOST_CLASSES) return "";
  const confusion = confusionOf(counts, classes);
  const [left, top] = [90, 2.4 * font];
  const cell = Math.min((width - left) / classes, (height - top - 1.6 * font) / classes, 64);
  const all = Array.from({ length: classes }, (_, c) => c);
  const name = (c: number, room: number) => fitted(className(experiment.classes, c), room, font);
  const heads = all.flatMap((c) => [
    label(name(c, left - 8), left - 6, top + (c + 0.5) * cell + 0.36 * font, {
      "font-size": font,
      "text-anchor": "end",
      fill: look.text,
    }),
    label(name(c, cell), left + (c + 0.5) * cell, top - 5, {
      "font-size": font,
      "text-anchor": "middle",
      fill: look.text,
    }),
  ]);
  const cells = all.flatMap((truth) =>
    all.map((predicted) => {
      const [x, y] = [left + predicted * cell, top + truth * cell];
      const strong = parseColour(truth === predicted ? look.positive : look.negative);
      const fill = colourText(mixed(parseColour(look.panel), strong, 0.5 * confusion.share(truth, predicted)));
      const text = label(String(confusion.count(truth, predicted)), x + cell / 2, y + cell / 2 + 0.36 * font, {
        "font-size": font,
        "text-anchor": "middle",
        fill: look.text,
      });
      return tag("rect", { x, y, width: cell, height: cell, fill, stroke: look.line }) + text;
    }),
  );
  const legend = label("rows: true, columns: predicted", left, top + classes * cell + 1.4 * font, {
    "font-size": font,
    fill: look.muted,
  });
  return heads.join("") + cells.join("") + legend;
}

function scatterSVG(
  truth: NumberArray,
  predicted: NumberArray,
  width: number,
  height: number,
  font: number,
  look: Look,
): string {
  const extent = commonExtent(truth, predicted);
  const frame = frameOf(width, height, font, extent, true);
  const [least, most] = extent;
  const diagonal = tag("line", {
    x1: frame.x(least),
    y1: frame.y(least),
    x2: frame.x(most),
    y2: frame.y(most),
    stroke: look.muted,
    "stroke-dasharray": "5 4",
  });
  const marks = Array.from(truth, (value, i) =>
    tag("circle", {
      cx: frame.x(value),
      cy: frame.y(predicted[i]),
      r: 2.4,
      fill: look.accent,
      "fill-opacity": 0.6,
    }),
  );
  return diagonal + marks.join("") + frameSVG(frame, ["true", "predicted"], font, look);
}
