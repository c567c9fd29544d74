import { expect, test } from "vitest";
import type { Settings } from "../protocol/messages";
import { grouped } from "./data";
import { withLayers } from "./network";

test("a new layer gets the activation of the last one, a layer less takes its own away", () => {
  const settings = { hidden: [4, 3], activation: ["tanh", "relu"] } as Settings;
  expect(withLayers(settings, [4, 3, 3])).toEqual({ hidden: [4, 3, 3], activation: ["tanh", "relu", "relu"] });
  expect(withLayers(settings, [4])).toEqual({ hidden: [4], activation: ["tanh"] });
  expect(withLayers({ ...settings, hidden: [], activation: [] }, [4])).toEqual({ hidden: [4], activation: ["tanh"] });
});

test("data stand under headings in their order", () => {
  const choices = ["xor", "table:penguins", "moons", "own"].map((value) => ({ value, label: value, note: "" }));
  expect(grouped(choices).map(({ title, choices: inner }) => [title, inner.map((one) => one.value)])).toEqual([
    ["Made", ["xor", "moons"]],
    ["Tables", ["table:penguins"]],
    ["Yours", ["own"]],
  ]);
});
