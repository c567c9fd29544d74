import { expect, test } from "vitest";
import type { Picture } from "../protocol/messages";
import { epochOf, speedChoices } from "./header";

const to = (place: number, shown_epoch: number, epoch: number, kept: number[]) =>
  epochOf({ shown_epoch, epoch, kept } as Picture, place);

test("the time slider goes to the next kept epoch in its direction, a step of the keyboard too; at the end to now", () => {
  expect(to(6, 7, 7, [0, 2, 4, 7])).toBe(4);
  expect(to(3, 4, 7, [0, 2, 4, 7])).toBe(2);
  expect(to(3, 2, 7, [0, 2, 4, 7])).toBe(4);
  expect(to(0, 4, 7, [0, 2, 4, 7])).toBe(0);
  expect(to(7, 4, 7, [0, 2, 4, 7])).toBe(-1);
  expect(to(200, 4, 7, [0, 2, 4, 7])).toBe(-1);
  expect(to(5, 4, 7, [0, 2, 4])).toBe(-1);
});

test("an unusual speed stands among the usual ones, full speed last", () => {
  expect(speedChoices(60).map((choice) => choice.value)).toEqual([
    "1",
    "2",
    "5",
    "10",
    "20",
    "50",
    "60",
    "100",
    "200",
    "0",
  ]);
  expect(speedChoices(0).map((choice) => choice.label)).toHaveLength(9);
});
