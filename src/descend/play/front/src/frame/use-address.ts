import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Store } from "../store";
import { ownParts, withOwnParts, type Own } from "./address";
import { viewOf, type Page, type Theme } from "./page";

export function ownOf(page: Page): Own {
  return {
    view: page.view.value === "network" ? "" : page.view.value,
    theme: page.theme.value === "auto" ? "" : page.theme.value,
    talk: page.talk.value ? "1" : "",
    lesson: page.lesson.value,
  };
}

function takeOwn(page: Page, own: Own): void {
  page.view.value = viewOf(own.view);
  page.theme.value = own.theme === "light" || own.theme === "dark" ? (own.theme as Theme) : "auto";
  page.talk.value = own.talk === "1";
  page.lesson.value = own.lesson;
}

/** The whole `#…` part without the #: the experiment and how it is looked at. */
export function addressOf(store: Store, page: Page): string {
  return withOwnParts(store.experiment.value?.message.address ?? "", ownOf(page));
}

/** What stands behind the # in the address bar: Python has escaped it, and Python alone reads it. */
function barred(): string {
  return location.hash.slice(1);
}

/** The address bar and the experiment follow each other; a notebook has no address of its own. */
export function useAddress(store: Store, page: Page): void {
  useEffect(() => {
    if (store.host.kind !== "page") return;
    takeOwn(page, ownParts(barred()));
    const stop = effect(() => {
      if (store.experiment.value === null) return;
      const address = addressOf(store, page);
      if (barred() !== address) {
        history.replaceState(null, "", address === "" ? location.pathname + location.search : `#${address}`);
      }
    });
    const load = () => {
      const address = barred();
      takeOwn(page, ownParts(address));
      store.host.send({ type: "hello", address });
    };
    addEventListener("hashchange", load);
    return () => {
      stop();
      removeEventListener("hashchange", load);
    };
  }, [store, page]);
}
