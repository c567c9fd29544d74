import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useId } from "preact/hooks";

export type View = "settings" | "network" | "round" | "answers" | "restarts";
export type Theme = "auto" | "light" | "dark";
export type Opened = "" | "about" | "shortcuts" | "share";

export const VIEWS: View[] = ["settings", "network", "round", "answers", "restarts"];

/** What the page alone decides. One a page, beside its store. */
export interface Page {
  /** What its elements' ids begin with: a notebook may show several pages. */
  name: string;
  view: Signal<View>;
  theme: Signal<Theme>;
  /** Presentation mode: large type, one view at a time. */
  talk: Signal<boolean>;
  /** Name of the lesson that is open; "list" for their list, "" for none. */
  lesson: Signal<string>;
  dialog: Signal<Opened>;
  /** Where to look for the answer to a question that is shown; "" for none. */
  look: Signal<string>;
  /** How losses are drawn: on a log scale, with those of the training rows. */
  curves: { log: Signal<boolean>; training: Signal<boolean> };
  /** Whether there is room for columns. */
  wide: Signal<boolean>;
  /** Columns, or one view at a time. */
  columns: ReadonlySignal<boolean>;
}

export function createPage(): Page {
  const talk = signal(false);
  const wide = signal(true);
  return {
    name: `descend-${Math.random().toString(36).slice(2, 8)}`,
    view: signal<View>("network"),
    theme: signal<Theme>("auto"),
    talk,
    lesson: signal(""),
    dialog: signal<Opened>(""),
    look: signal(""),
    curves: { log: signal(false), training: signal(true) },
    wide,
    columns: computed(() => wide.value && !talk.value),
  };
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error("no page around this component");
  return page;
}

/** An id that no other element has, of this page or of another one beside it. */
export function useElementId(): string {
  return `${usePage().name}-${useId()}`;
}

export function viewOf(name: string): View {
  return VIEWS.find((view) => view === name) ?? "network";
}
