import { render as draw } from "preact";
import { App } from "./app";
import type { Host } from "./hosts/host";
import { pageHost } from "./hosts/page";
import { notebookHost, type AnyModel } from "./hosts/widget";
import { keepStill } from "./hosts/still";
import { createStore, StoreContext } from "./store";
import "./style/index.css";

/** Draws a page into an element; the answer takes it away again. */
function mount(host: Host, element: HTMLElement, store = createStore(host)): () => void {
  draw(
    <StoreContext.Provider value={store}>
      <App />
    </StoreContext.Provider>,
    element,
  );
  return () => {
    draw(null, element);
    store.close();
  };
}

/** What anywidget calls for each place in which the widget is shown. */
function render({ model, el }: { model: AnyModel; el: HTMLElement }): () => void {
  const host = notebookHost(model);
  const store = createStore(host);
  const noMore = keepStill(store);
  const unmount = mount(host, el, store);
  return () => {
    noMore();
    unmount();
  };
}

/** What the page of `descend play` calls. */
export function page(element: HTMLElement): void {
  mount(pageHost(), element);
}

export default { render };
