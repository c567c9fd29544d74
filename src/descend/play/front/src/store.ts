import { signal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Host } from "./hosts/host";
import type { Arrays } from "./protocol/frames";
import type {
  Ask,
  Experiment,
  FromPython,
  GradientCheck,
  Picture,
  Refused,
  Round,
  Settings,
  Welcome,
} from "./protocol/messages";

/** What the page knows, each a signal: a view that reads one is drawn anew when it changes. One store a page. */
export interface Store {
  host: Host;
  connected: Signal<boolean>;
  /** Whether Python has not yet answered a change or a question. */
  waiting: Signal<boolean>;
  /** Why the connection was cut, in Python's words; null as long as it never was. */
  cut: Signal<string | null>;
  welcome: Signal<Welcome | null>;
  experiment: Signal<{ message: Experiment; arrays: Arrays } | null>;
  picture: Signal<{ message: Picture; arrays: Arrays } | null>;
  round: Signal<Round | null>;
  gradientCheck: Signal<GradientCheck | null>;
  refused: Signal<Refused | null>;
  notes: Signal<string[]>;
  set(settings: Partial<Settings>): void;
  run(action: "play" | "pause" | "epoch" | "round" | "rewind"): void;
  travel(epoch: number): void;
  edit(layer: number, fromNode: number, toNode: number, weight: number): void;
  ask(what: Ask["what"], layer?: number, fromNode?: number, toNode?: number): void;
  onAnswer(callback: (message: FromPython, arrays: Arrays) => void): () => void;
  close(): void;
}

export function createStore(host: Host): Store {
  const listeners = new Set<(message: FromPython, arrays: Arrays) => void>();
  const store: Store = {
    host,
    connected: signal(false),
    waiting: signal(true),
    cut: signal(null),
    welcome: signal(null),
    experiment: signal(null),
    picture: signal(null),
    round: signal(null),
    gradientCheck: signal(null),
    refused: signal(null),
    notes: signal([]),
    set: (settings) => {
      store.waiting.value = true;
      host.send({ type: "set", settings });
    },
    run: (action) => host.send({ type: "run", action }),
    travel: (epoch) => host.send({ type: "travel", epoch }),
    edit: (layer, from_node, to_node, weight) => host.send({ type: "edit", layer, from_node, to_node, weight }),
    ask: (what, layer = 0, from_node = 0, to_node = 0) => {
      store.waiting.value = true;
      host.send({ type: "ask", what, layer, from_node, to_node });
    },
    onAnswer: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    close: () => undefined,
  };
  const gone = host.onMessage((message, arrays) => {
    take(store, message, arrays);
    for (const listener of listeners) listener(message, arrays);
  });
  const cut = host.onConnection((connected, why) => {
    store.connected.value = connected;
    store.cut.value = connected ? null : why;
    if (!connected) store.waiting.value = false;
  });
  store.close = () => {
    gone();
    cut();
  };
  return store;
}

function take(store: Store, message: FromPython, arrays: Arrays): void {
  if (message.type !== "picture" && message.type !== "said") store.waiting.value = false;
  switch (message.type) {
    case "welcome":
      store.welcome.value = message;
      return;
    case "experiment":
      if (store.experiment.value?.message.title !== message.title) store.notes.value = [];
      store.experiment.value = { message, arrays };
      store.round.value = null;
      store.gradientCheck.value = null;
      store.refused.value = null;
      return;
    case "picture":
      store.picture.value = { message, arrays };
      return;
    case "round":
      store.round.value = message;
      return;
    case "gradient_check":
      store.gradientCheck.value = message;
      return;
    case "refused":
      store.refused.value = message;
      return;
    case "said":
      store.notes.value = [...store.notes.value, message.text];
      return;
  }
}

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("no store around this component");
  return store;
}
