import { expect, test } from "vitest";
import { formulaParts } from "./formula";

/** Low parts in [], high parts in <>, to compare at a glance. */
const marked = (text: string) =>
  formulaParts(text)
    .map(({ text: part, place }) => ({ line: part, sub: `[${part}]`, sup: `<${part}>` })[place])
    .join("");

test.each([
  ["s_12[3] = W_0ᵀ v_0", "s[12][3] = W[0]ᵀ v[0]"],
  ["∂L/∂v_1 = W̃_1 δ_2", "∂L/∂v[1] = W̃[1] δ[2]"],
  ["log_loss, leaky_relu(s_1), bill_length_mm", "log_loss, leaky_relu(s[1]), bill_length_mm"],
  ["e^(−0.25) / (e^0.5 + e^1e−05)", "e<(−0.25)> / (e<0.5> + e<1e−05>)"],
  ["nothing", "nothing"],
])("%s", (text, wanted) => {
  expect(marked(text)).toBe(wanted);
});

test("no letter is lost", () => {
  const text = "W_0[0,0] = 0.5 − 0.5·(−3.75) = 2.375, x_a_b";
  expect(
    formulaParts(text)
      .map((part) => part.text)
      .join("")
      .replaceAll("_", ""),
  ).toBe(text.replaceAll("_", ""));
});
