import { describe, expect, test } from "vitest";
import { KEYS, shortcutOf, type Focused } from "./shortcuts";

const body: Focused = { tag: "BODY", role: null, editable: false, insideDialog: false };

describe("shortcutOf", () => {
  test("every key of the list does what the list says", () => {
    for (const { key, does } of KEYS) expect(shortcutOf(key, false, body)).toBe(does);
  });

  test("nothing while somebody types, in a dialog, or with Ctrl", () => {
    expect(shortcutOf("e", false, { ...body, tag: "INPUT" })).toBeNull();
    expect(shortcutOf("e", false, { ...body, tag: "SELECT" })).toBeNull();
    expect(shortcutOf("e", false, { ...body, editable: true })).toBeNull();
    expect(shortcutOf("e", false, { ...body, insideDialog: true })).toBeNull();
    expect(shortcutOf("r", true, body)).toBeNull();
  });

  test("space presses the button that has the focus, other keys still work there", () => {
    const button = { ...body, tag: "BUTTON" };
    expect(shortcutOf(" ", false, button)).toBeNull();
    expect(shortcutOf("e", false, button)).toBe("epoch");
    expect(shortcutOf(" ", false, { ...body, tag: "g", role: "button" })).toBeNull();
  });

  test("Home goes to the first tab where a tab has the focus", () => {
    expect(shortcutOf("Home", false, { ...body, tag: "BUTTON", role: "tab" })).toBeNull();
    expect(shortcutOf("Home", false, { ...body, tag: "BUTTON" })).toBe("rewind");
  });
});
