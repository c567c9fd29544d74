import { expect, test } from "vitest";
import { whyNot } from "./upload";

test("one table that is neither empty nor too large is taken", () => {
  expect(whyNot([{ name: "a.csv", size: 10 }], 100)).toBe("");
  expect(whyNot([{ name: "a.csv", size: 0 }], 100)).toContain("a.csv is empty");
  expect(whyNot([{ name: "a.csv", size: 201e6 }], 200e6)).toContain("has 201 MB; an upload may have 200 MB");
  expect(
    whyNot(
      [
        { name: "a.csv", size: 1 },
        { name: "b.csv", size: 1 },
      ],
      100,
    ),
  ).toContain("2 files");
});
