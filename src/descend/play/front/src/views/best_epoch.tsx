import { useStore } from "../store";

const [NOW, LOWEST] = [-1, -2]; // what Python understands as epochs: that of now, that of the lowest loss

/** Shows the restart as it was when its loss on the rows that choose was lowest: what one would keep of it. */
export function BestEpoch() {
  const store = useStore();
  const picture = store.picture.value?.message;
  if (!picture || picture.running || picture.best_epoch < 0 || picture.best_epoch === picture.epoch) return null;
  const there = picture.shown_epoch === picture.best_epoch;
  const best = `its lowest validation loss, epoch ${picture.best_epoch.toLocaleString("en")}`;
  return (
    <button type="button" class="best-epoch" onClick={() => store.travel(there ? NOW : LOWEST)}>
      {there ? `at ${best}; back to now` : `show restart ${picture.restart} at ${best}`}
    </button>
  );
}
