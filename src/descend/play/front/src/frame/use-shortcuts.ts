import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Store } from "../store";
import type { Page } from "./page";
import { playOrPause } from "./run";
import { shortcutOf, type Focused, type Shortcut } from "./shortcuts";

function focusedBy(event: KeyboardEvent): Focused {
  const target = event.target as HTMLElement;
  return {
    tag: target.tagName,
    role: target.getAttribute?.("role") ?? null,
    editable: target.isContentEditable === true,
    insideDialog: target.closest?.("dialog") != null,
  };
}

function follow(shortcut: Shortcut, store: Store, page: Page): void {
  const actions: Record<Shortcut, () => void> = {
    play: () => playOrPause(store),
    epoch: () => store.run("epoch"),
    round: () => store.run("round"),
    rewind: () => store.run("rewind"),
    shortcuts: () => (page.dialog.value = "shortcuts"),
    leave: () => (page.talk.value = false),
    talk: () => (page.talk.value = !page.talk.value),
    lessons: () => (page.lesson.value = page.lesson.value === "" ? "list" : ""),
  };
  actions[shortcut]();
}

/** Keys of the whole page; in a notebook only of the widget that has the focus. */
export function useShortcuts(store: Store, page: Page, root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const around: HTMLElement | Window | null = store.host.kind === "page" ? window : root.current;
    if (around === null) return;
    const press = (event: Event) => {
      const pressed = event as KeyboardEvent;
      if (pressed.defaultPrevented || pressed.repeat) return;
      const modified = pressed.ctrlKey || pressed.metaKey || pressed.altKey;
      const shortcut = shortcutOf(pressed.key, modified, focusedBy(pressed));
      if (shortcut === null) return;
      pressed.preventDefault();
      follow(shortcut, store, page);
    };
    around.addEventListener("keydown", press);
    return () => around.removeEventListener("keydown", press);
  }, [store, page, root]);
}
