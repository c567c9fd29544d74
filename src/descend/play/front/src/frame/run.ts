import type { Store } from "../store";

/** Goes or stops; after the end it begins again from the same starting weights. */
export function playOrPause(store: Store): void {
  const picture = store.picture.value?.message;
  if (picture === undefined || store.experiment.value?.message.trainable !== true) return;
  if (picture.running) {
    store.run("pause");
    return;
  }
  if (picture.finished) store.run("rewind");
  store.run("play");
}
