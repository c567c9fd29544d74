import { expect, test } from "vitest";
import type { Settings } from "../protocol/messages";
import { steadySender } from "./steady";

function sender() {
  const sent: Partial<Settings>[] = [];
  const frames: (() => void)[] = [];
  const steady = steadySender(
    (changes) => sent.push(changes),
    (callback) => frames.push(callback),
  );
  return { steady, sent, frame: () => frames.splice(0).forEach((callback) => callback()) };
}

test("many changes within a frame are one message with the last values", () => {
  const { steady, sent, frame } = sender();
  steady.change({ noise: 0.1 });
  steady.change({ noise: 0.2, samples: 100 });
  steady.change({ noise: 0.3 });
  expect(sent).toEqual([]);
  frame();
  expect(sent).toEqual([{ noise: 0.3, samples: 100 }]);
});

test("nothing is sent before the last was answered, then only the newest", () => {
  const { steady, sent, frame } = sender();
  steady.change({ noise: 0.1 });
  frame();
  steady.change({ noise: 0.2 });
  frame();
  steady.change({ noise: 0.3 });
  frame();
  expect(sent).toHaveLength(1);
  steady.answered();
  frame();
  expect(sent).toEqual([{ noise: 0.1 }, { noise: 0.3 }]);
});

test("an answer to somebody else's message sends nothing", () => {
  const { steady, sent, frame } = sender();
  steady.answered();
  frame();
  expect(sent).toEqual([]);
});
