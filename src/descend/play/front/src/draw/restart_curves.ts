import type { Arrays, NumberArray } from "../protocol/frames";
import type { Experiment, Picture } from "../protocol/messages";

/** Loss curves of K restarts, each of p points, one after the other, and how they shall be drawn. */
export interface RestartCurves {
  epochs: NumberArray;
  loss: NumberArray | null;
  validation: NumberArray | null;
  status: string[];
  shown: number;
  races: number[];
  /** Epochs that the run shall have. */
  planned: number;
  log: boolean;
  training: boolean;
}

interface With<M> {
  message: M;
  arrays: Arrays;
}

/** The curves that a picture holds; null where it has none. */
export function curvesOf(
  experiment: With<Experiment>,
  picture: With<Picture>,
  log: boolean,
  training: boolean,
): RestartCurves | null {
  const { message, arrays } = picture;
  const epochs = arrays.curve_epochs;
  if (epochs === undefined) return null;
  const usable = (name: string) => {
    const data = arrays[name]?.data ?? null;
    return data !== null && data.some((value) => Number.isFinite(value)) ? data : null;
  };
  return {
    epochs: epochs.data,
    loss: usable("loss"),
    validation: usable("validation_loss"),
    status: message.status,
    shown: message.restart,
    races: experiment.message.race_epochs,
    planned: experiment.message.settings.epochs,
    log,
    training,
  };
}
