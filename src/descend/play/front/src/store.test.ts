import { expect, test } from "vitest";
import type { Host } from "./hosts/host";
import type { Arrays } from "./protocol/frames";
import type { FromPython, ToPython } from "./protocol/messages";
import { createStore } from "./store";

function fakeHost() {
  const sent: ToPython[] = [];
  let say: (message: FromPython, arrays: Arrays) => void = () => undefined;
  let connect: (connected: boolean, why: string) => void = () => undefined;
  const host: Host = {
    kind: "page",
    send: (message) => sent.push(message),
    onMessage: (callback) => {
      say = callback;
      return () => (say = () => undefined);
    },
    onConnection: (callback) => {
      connect = callback;
      return () => undefined;
    },
    upload: null,
  };
  return {
    host,
    sent,
    say: (message: object) => say(message as FromPython, {}),
    connect: (on: boolean, why = "") => connect(on, why),
  };
}

test("a change waits for its answer, a picture in between is none", () => {
  const { host, sent, say } = fakeHost();
  const store = createStore(host);
  say({ type: "welcome" });
  store.set({ noise: 0.3 });
  expect(sent).toEqual([{ type: "set", settings: { noise: 0.3 } }]);
  say({ type: "picture" });
  expect(store.waiting.value).toBe(true);
  say({ type: "refused", setting: "noise", text: "no" });
  expect(store.waiting.value).toBe(false);
  expect(store.refused.value?.text).toBe("no");
});

test("a new experiment takes away what was said of the old one", () => {
  const { host, say } = fakeHost();
  const store = createStore(host);
  say({ type: "refused", setting: "noise", text: "no" });
  say({ type: "gradient_check", passed: true, words: [] });
  say({ type: "round", steps: [] });
  say({ type: "experiment" });
  expect([store.refused.value, store.gradientCheck.value, store.round.value]).toEqual([null, null, null]);
});

test("notes on other data go, those on the same stay", () => {
  const { host, say } = fakeHost();
  const store = createStore(host);
  say({ type: "experiment", title: "my.csv" });
  say({ type: "said", text: "two rows are equal" });
  say({ type: "experiment", title: "my.csv" });
  expect(store.notes.value).toEqual(["two rows are equal"]);
  say({ type: "experiment", title: "Exclusive or" });
  expect(store.notes.value).toEqual([]);
});

test("a cut connection says why and keeps nobody waiting", () => {
  const { host, connect } = fakeHost();
  const store = createStore(host);
  connect(true);
  expect([store.connected.value, store.cut.value]).toEqual([true, null]);
  connect(false, "too many pages");
  expect([store.connected.value, store.cut.value, store.waiting.value]).toEqual([false, "too many pages", false]);
});

test("a closed store hears nothing", () => {
  const { host, say } = fakeHost();
  const store = createStore(host);
  store.close();
  say({ type: "refused", setting: "", text: "no" });
  expect(store.refused.value).toBeNull();
});
