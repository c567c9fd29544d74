import type { Arrays } from "../protocol/frames";
import type { Experiment } from "../protocol/messages";
import { largest, type Look } from "./colours";
import { paintSurface, type Pixels } from "./raster";

/** Colours of the plane; null where the picture has no surface. */
export function surfacePixels(experiment: Experiment, arrays: Arrays, look: Look): Pixels | null {
  const surface = arrays.surface;
  if (surface === undefined) return null;
  const [outputs, rows, columns] = surface.shape;
  const classes = experiment.task === "classes";
  const reach = classes ? 0.5 : largest(surface.data, 0, rows * columns);
  return paintSurface(surface.data, outputs, rows, columns, { classes, middle: classes ? 0.5 : 0, reach }, look);
}
