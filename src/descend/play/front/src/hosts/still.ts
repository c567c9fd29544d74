import { effect } from "@preact/signals";
import type { Store } from "../store";
import { pictureSVG } from "../views/picture";

/** Milliseconds after which a picture is kept: soon where all stands still, now and then while it changes. */
const SOON = 400;
const NOW_AND_THEN = 5000;

/** Hands pictures to Python for the saved notebook, which shows the last one; the answer ends that. */
export function keepStill(store: Store, draw: (store: Store) => string = pictureSVG): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let due = 0;
  const keep = () => {
    waiting = undefined;
    const svg = draw(store);
    if (svg !== "") store.host.send({ type: "still", svg });
  };
  const end = effect(() => {
    const picture = store.picture.value;
    if (picture === null) return;
    const now = Date.now();
    const wanted = now + (picture.message.running ? NOW_AND_THEN : SOON);
    if (waiting !== undefined && due <= wanted) return;
    clearTimeout(waiting);
    due = wanted;
    waiting = setTimeout(keep, due - now);
  });
  return () => {
    end();
    clearTimeout(waiting);
  };
}
