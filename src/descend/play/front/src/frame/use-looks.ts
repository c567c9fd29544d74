import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Page } from "./page";

const LEAST_WIDTH_OF_COLUMNS = 1130;

/** Whether it is dark around the page: a notebook says so on its body, else the system does. */
function surroundingsAreDark(): boolean {
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight !== undefined) return dataset.jpThemeLight === "false";
  if (classList.contains("vscode-dark")) return true;
  if (classList.contains("vscode-light")) return false;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function useSurroundings(): boolean {
  const [dark, setDark] = useState(surroundingsAreDark);
  useEffect(() => {
    const look = () => setDark(surroundingsAreDark());
    const query = matchMedia("(prefers-color-scheme: dark)");
    const watcher = new MutationObserver(look);
    query.addEventListener("change", look);
    watcher.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light"] });
    return () => {
      query.removeEventListener("change", look);
      watcher.disconnect();
    };
  }, []);
  return dark;
}

/** The colours in force. */
export function useTheme(page: Page): "light" | "dark" {
  const dark = useSurroundings();
  if (page.theme.value !== "auto") return page.theme.value;
  return dark ? "dark" : "light";
}

/** Columns where there is room for them; in presentation mode and narrow places one view at a time. */
export function useRoom(page: Page, root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (root.current === null) return;
    const watcher = new ResizeObserver(([entry]) => {
      page.wide.value = entry.contentRect.width >= LEAST_WIDTH_OF_COLUMNS;
    });
    watcher.observe(root.current);
    return () => watcher.disconnect();
  }, [page, root]);
}
