import { expect, test } from "vitest";
import type { Picture } from "../protocol/messages";
import { placeOf, speedChoices } from "./header";

const at = (shown_epoch: number, epoch: number, kept: number[]) => placeOf({ shown_epoch, epoch, kept } as Picture);

test("the time slider stands at its end for now, else at the kept epoch that is shown", () => {
  expect(at(7, 7, [0, 2, 4, 6])).toBe(4);
  expect(at(0, 7, [0, 2, 4, 6])).toBe(0);
  expect(at(4, 7, [0, 2, 4, 6])).toBe(2);
  expect(at(0, 0, [])).toBe(0);
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
