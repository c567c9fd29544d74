import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Bounds, Choice, Settings } from "../protocol/messages";
import { useStore, type Store } from "../store";
import { steadySender } from "./steady";

const UNBOUNDED: Bounds = { least: -Infinity, most: Infinity, whole: false };

/** The settings as they hold now, and what they may be; null before Python has said so. */
export function useSettings() {
  const { experiment, welcome } = useStore();
  if (experiment.value === null || welcome.value === null) return null;
  const { choices, bounds } = welcome.value;
  return {
    settings: experiment.value.message.settings,
    experiment: experiment.value.message,
    choicesOf: (name: keyof Settings): Choice[] => choices[name] ?? [],
    boundsOf: (name: keyof Settings): Bounds => bounds[name] ?? UNBOUNDED,
  };
}

/** Sends what is dragged; one for all sliders of a page. */
export const SteadyContext = createContext<(changes: Partial<Settings>) => void>(() => undefined);

export function useSteady() {
  return useContext(SteadyContext);
}

export function steadyOf(store: Store): { change(changes: Partial<Settings>): void; close(): void } {
  const sender = steadySender(store.set, (callback) => requestAnimationFrame(callback));
  const close = store.onAnswer((message) => {
    if (message.type === "experiment" || message.type === "refused") sender.answered();
  });
  return { change: sender.change, close };
}
