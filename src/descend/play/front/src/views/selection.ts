import { signal, type Signal } from "@preact/signals";
import type { Picked } from "../draw/hit";
import type { Store } from "../store";

/** What of the network is looked at; `NetworkView` and `NumbersView` of one page share it. */
export interface Selection {
  hovered: Signal<Picked | null>;
  pinned: Signal<Picked | null>;
  /** Whether δ and ∂L/∂W are shown in place of v and w. */
  backward: Signal<boolean>;
}

const selections = new WeakMap<Store, Selection>();

export function selectionOf(store: Store): Selection {
  let selection = selections.get(store);
  if (selection === undefined) {
    selection = { hovered: signal(null), pinned: signal(null), backward: signal(false) };
    selections.set(store, selection);
  }
  return selection;
}
