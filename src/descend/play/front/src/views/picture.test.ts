import { signal } from "@preact/signals";
import { describe, expect, test } from "vitest";
import type { Arrays } from "../protocol/frames";
import type { Experiment, Picture } from "../protocol/messages";
import type { Store } from "../store";
import { pictureSVG } from "./picture";

const EVIL = '<script>alert("1")</script> & \u001b[31m';
const floats = (shape: number[], value: (i: number) => number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});

const EXPERIMENT = {
  settings: { restarts: 3, row: 0, epochs: 4, target: "" },
  ...{ address: "seed=3", title: EVIL, kind: "plane", task: "classes", classes: ["a", "b"], sizes: [2, 3, 1] },
  ...{
    activations: ["tanh", "sigmoid"],
    bias: [1, 1],
    inputs: [EVIL, "x_2"],
    outputs: ["P(b)"],
    extent: [-1, 1, -1, 1],
  },
  ...{ rows: [2, 1, 1], race_epochs: [2] },
} as unknown as Experiment;
const PICTURE = { shown_epoch: 2, restart: 1, status: ["running", "running", "killed"] } as unknown as Picture;
const ROWS: Arrays = {
  points: floats([4, 3], (i) => [0.1, -0.2, 1][i % 3]),
  part: { shape: [4], data: Uint8Array.from([0, 0, 1, 2]) },
};
const ARRAYS: Arrays = {
  ...{ theta: floats([13], (i) => i - 6), v: floats([6], (i) => i / 6), maps: floats([6, 2, 2], (i) => i % 3) },
  ...{ surface: floats([1, 2, 2], (i) => i / 4), curve_epochs: { shape: [2], data: Int32Array.from([1, 2]) } },
  loss: floats([3, 2], (i) => 1 / (i + 1)),
};

function storeWith(experiment: Experiment | null, picture: Arrays = ARRAYS): Store {
  const known = experiment && { message: experiment, arrays: ROWS };
  return {
    experiment: signal(known),
    picture: signal(known && { message: PICTURE, arrays: picture }),
    welcome: signal(null),
  } as unknown as Store;
}

const drawn = (experiment: Experiment | null, arrays?: Arrays) =>
  pictureSVG(storeWith(experiment, arrays), ({ width, height }) => `data:image/png;base64,${width}x${height}`);

/** The element names that are open at the end, and those that were closed out of turn: none in well-formed XML. */
function wrong(svg: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const [, end, name, alone] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s+[a-zA-Z0-9:-]+="[^"<]*")*(\/?)>/g))
    if (end && open.pop() !== name) faults.push(name);
    else if (!end && !alone) open.push(name);
  return [...faults, ...open];
}

describe("the picture to take away", () => {
  const svg = drawn(EXPERIMENT);

  test("is well formed, whatever names the table has", () => {
    expect(wrong(svg)).toEqual([]);
    expect(svg.replace(/<(\/?)([a-zA-Z]+)(?:\s+[a-zA-Z0-9:-]+="[^"<]*")*(\/?)>/g, "")).not.toMatch(
      /[<>\u0000-\u0008\u000b-\u001f]/,
    );
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&lt;script&gt;");
  });

  test("needs nothing from outside", () => {
    const addresses = [...svg.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toHaveLength(7);
    for (const address of addresses) expect(address).toMatch(/^data:/);
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(/);
  });

  test("holds each edge, each row and each restart", () => {
    const count = (name: string) => svg.split(`<${name} `).length - 1;
    expect([count("line"), count("circle"), count("path")]).toEqual([13, 4, 3]);
  });

  test("has no picture in it where there is none yet", () => {
    expect(drawn(null)).toBe("");
    expect(wrong(drawn(EXPERIMENT, {}))).toEqual([]);
  });

  test.each(["curve", "table"])("of a %s is well formed, too", (kind) => {
    const confusion = { shape: [2, 2], data: Int32Array.from([3, 1, 0, 2]) };
    const curve = {
      curve_x: floats([3], (i) => i),
      curve_y: floats([3], (i) => i - 1),
      curve_parts: floats([3, 3], (i) => i / 9),
    };
    expect(
      wrong(
        drawn({ ...EXPERIMENT, kind } as Experiment, {
          ...ARRAYS,
          ...(kind === "table" ? { confusion } : curve),
        }),
      ),
    ).toEqual([]);
  });
});
