import { describe, expect, test } from "vitest";
import {
  LIGHT,
  TOKENS,
  Ramp,
  classColour,
  colourText,
  contrast,
  inkOn,
  largest,
  mixed,
  parseColour,
  type Look,
  type RGB,
} from "./colours";
import tokens from "../style/tokens.css?raw";

/** A colour as an eye without red (protanopia) or green (deuteranopia) receptors sees it: Viénot, Brettel & Mollon 1999. */
const SIMULATED = {
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};

function seen(colour: RGB, matrix: number[][]): RGB {
  const linear = colour.map((part) => (part / 255) ** 2.2);
  return matrix.map(
    (row) => 255 * Math.max(0, row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2]) ** (1 / 2.2),
  ) as RGB;
}

/** The looks that the page has: LIGHT with the tokens of each theme. */
function lookIn(css: string): Look {
  const token = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(css)?.[1] ?? `no ${name}`;
  const classes = LIGHT.classes.map((_, c) => token(`class-${c + 1}`));
  return { ...LIGHT, ...Object.fromEntries(TOKENS.map((name) => [name, token(name)])), classes };
}

const [light, dark] = tokens.split('[data-theme="dark"]').map(lookIn);

const apart = (a: RGB, b: RGB) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

test("pictures that are taken away have the colours of the light page", () => {
  expect(light).toEqual(LIGHT);
});

describe.each(
  Object.entries(SIMULATED).flatMap(([eye, matrix]) => [
    [eye, "light", matrix, light] as const,
    [eye, "dark", matrix, dark] as const,
  ]),
)("with %s, %s", (_, __, matrix, look) => {
  test("above and below 0 are told apart", () => {
    expect(apart(seen(parseColour(look.positive), matrix), seen(parseColour(look.negative), matrix))).toBeGreaterThan(
      120,
    );
  });

  test("any two of the first eight classes are told apart", () => {
    for (let a = 0; a < 8; a++)
      for (let b = 0; b < a; b++) {
        const [one, other] = [a, b].map((c) => seen(parseColour(classColour(look, c)), matrix));
        expect(apart(one, other), `${a} and ${b}`).toBeGreaterThan(20);
      }
  });
});

test("what custom properties hold is read", () => {
  expect(parseColour(" #1f6FC2 ")).toEqual([31, 111, 194]);
  expect(parseColour("#fff")).toEqual([255, 255, 255]);
  expect(parseColour("rgb(1, 2, 3)")).toEqual([1, 2, 3]);
  expect(colourText([31, 111, 194])).toBe("#1f6fc2");
});

describe("the ramp", () => {
  const ramp = new Ramp(LIGHT);

  test("has its ends at −1 and 1, its middle at 0, and is cut beyond", () => {
    expect([-1, 0, 1].map((x) => ramp.text(x))).toEqual([LIGHT.negative, LIGHT.zero, LIGHT.positive]);
    expect([-7, 9, -Infinity, Infinity, NaN].map((x) => ramp.text(x))).toEqual([
      LIGHT.negative,
      LIGHT.positive,
      LIGHT.negative,
      LIGHT.positive,
      LIGHT.zero,
    ]);
  });

  test("grows stronger with size", () => {
    const zero = parseColour(LIGHT.zero);
    const far = [0.1, 0.4, 0.7, 1].map((x) => apart(zero, parseColour(ramp.text(x))));
    expect(far).toEqual([...far].sort((a, b) => a - b));
  });

  test("numbers are legible on each of its colours", () => {
    for (const ground of ramp.texts)
      expect(contrast(parseColour(inkOn(ground)), parseColour(ground))).toBeGreaterThan(4.5);
  });
});

test("the ninth class is not the first", () => {
  expect(classColour(LIGHT, 8)).not.toBe(classColour(LIGHT, 0));
});

test("the largest size leaves out what is no number", () => {
  expect(largest([1, -3, NaN, Infinity])).toBe(3);
  expect(largest([5, -3, 2], 1, 3)).toBe(3);
  expect(largest([0, 0])).toBeGreaterThan(0);
});

test("mixed", () => {
  expect(mixed([0, 0, 0], [100, 200, 50], 0.5)).toEqual([50, 100, 25]);
});
