import type { Experiment } from "../protocol/messages";
import type { Store } from "../store";

/** Whether there is anything to learn from; if it cannot be learnt all the same, Python says why. */
export function hasRows(experiment: Experiment): boolean {
  return experiment.trainable || (experiment.rows[0] ?? 0) > 0;
}

/** Goes or stops; after the end it begins again from the same starting weights. */
export function playOrPause(store: Store): void {
  const picture = store.picture.value?.message;
  const experiment = store.experiment.value?.message;
  if (picture === undefined || experiment === undefined || !hasRows(experiment)) return;
  if (picture.running) {
    store.run("pause");
    return;
  }
  if (picture.finished) store.run("rewind");
  store.run("play");
}
