import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Store } from "../store";
import { keepStill } from "./still";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function fake() {
  const sent: unknown[] = [];
  const picture = signal<unknown>(null);
  const store = { picture, host: { send: (message: unknown) => sent.push(message) } } as unknown as Store;
  let drawn = 0;
  const end = keepStill(store, () => `<svg>${++drawn}</svg>`);
  return { sent, end, show: (running: boolean) => (picture.value = { message: { running } }) };
}

test("a picture that stands still is kept once, soon", () => {
  const { sent, show } = fake();
  show(false);
  show(false);
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([{ type: "still", svg: "<svg>1</svg>" }]);
});

test("pictures of a training that runs are kept now and then, the last one soon", () => {
  const { sent, show } = fake();
  for (let i = 0; i < 90; i++) {
    show(true);
    vi.advanceTimersByTime(100);
  }
  expect(sent.length).toBe(1);
  show(false);
  vi.advanceTimersByTime(500);
  expect(sent.length).toBe(2);
});

test("nothing is kept before there is a picture, nor after the end", () => {
  const { sent, end, show } = fake();
  vi.advanceTimersByTime(10_000);
  show(false);
  end();
  vi.advanceTimersByTime(10_000);
  expect(sent).toEqual([]);
});
