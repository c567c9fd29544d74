import { describe, expect, test } from "vitest";
import { commandOf, ownParts, withOwnParts } from "./address";

const nothing = { view: "", theme: "", talk: "", lesson: "" };

describe("the page's own parts", () => {
  test("are read wherever they stand", () => {
    expect(ownParts("view=round&data=xor&theme=dark")).toEqual({ ...nothing, view: "round", theme: "dark" });
    expect(ownParts("")).toEqual(nothing);
  });

  test("replace those that Python hands on, behind the settings", () => {
    const address = withOwnParts("data=xor&view=round&hidden=2", { ...nothing, view: "network", talk: "1" });
    expect(address).toBe("data=xor&hidden=2&view=network&talk=1");
    expect(withOwnParts("", nothing)).toBe("");
  });

  test("a setting whose name begins alike stays", () => {
    expect(withOwnParts("viewer=1", nothing)).toBe("viewer=1");
  });
});

test("the command is one word for a shell", () => {
  expect(commandOf("data=xor")).toBe("descend play '#data=xor'");
  expect(commandOf("")).toBe("descend play");
  expect(commandOf("data=own&seed=3")).toBe("descend play YOUR_FILE '#data=own&seed=3'");
  expect(commandOf("target=it's")).toBe("descend play '#target=it'\\''s'");
});
