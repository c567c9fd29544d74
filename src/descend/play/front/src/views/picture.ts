import { LIGHT } from "../draw/colours";
import { canvasAddress, escaped, label, tag, type ImageAddress } from "../draw/svg";
import { answersSVG } from "../draw/svg_answers";
import { curvesSVG } from "../draw/svg_curves";
import { networkSVG } from "../draw/svg_network";
import { surfacePixels } from "../draw/surface";
import { fitted } from "../draw/words";
import type { Store } from "../store";
import { curvesOf } from "../draw/restart_curves";

const [WIDTH, HEIGHT] = [1200, 720];
const HEAD = 44;
const EDGE = 16;
const LEFT = 690;

/** Network, answers and loss curves of what the page shows now, as one SVG that needs nothing else; "" before there is any. */
export function pictureSVG(store: Store, address: ImageAddress = canvasAddress): string {
  const [experiment, picture] = [store.experiment.value, store.picture.value];
  if (experiment === null || picture === null) return "";
  const { message } = experiment;
  const curves = curvesOf(experiment, picture, false, true);
  const high = HEIGHT - HEAD - EDGE;
  const right = WIDTH - LEFT - 3 * EDGE;
  const upper = Math.round(high * 0.56);
  const answers = {
    experiment: message,
    rows: experiment.arrays,
    arrays: picture.arrays,
    surface: surfacePixels(message, picture.arrays, LIGHT),
    look: LIGHT,
    address,
  };
  const inside = [
    tag("rect", { width: WIDTH, height: HEIGHT, fill: LIGHT.panel }),
    label(fitted(message.title, WIDTH - 2 * EDGE, 18), EDGE, 28, {
      "font-size": 18,
      "font-weight": 600,
      fill: LIGHT.text,
    }),
    placed(EDGE, HEAD, networkSVG(message, picture.arrays, LEFT, high - 20, LIGHT, address)),
    placed(LEFT + 2 * EDGE, HEAD, answersSVG(answers, right, upper)),
    placed(LEFT + 2 * EDGE, HEAD + upper, curves ? curvesSVG(curves, right, high - upper, LIGHT) : ""),
    label(footer(store), EDGE, HEIGHT - 12, { "font-size": 12, fill: LIGHT.muted }),
  ];
  const described = tag("title", {}, escaped(message.title) || "descend");
  const size = {
    xmlns: "http://www.w3.org/2000/svg",
    width: WIDTH,
    height: HEIGHT,
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "font-family": LIGHT.font,
  };
  return tag("svg", size, described + inside.join(""));
}

function placed(x: number, y: number, inside: string): string {
  return inside === "" ? "" : tag("g", { transform: `translate(${x},${y})` }, inside);
}

function footer(store: Store): string {
  const [experiment, picture] = [store.experiment.value!.message, store.picture.value!.message];
  const parts = [
    `descend ${store.welcome.value?.version ?? ""}`.trim(),
    `epoch ${picture.shown_epoch}`,
    `restart ${picture.restart} of ${experiment.settings.restarts}`,
  ];
  if (experiment.address) parts.push(`#${experiment.address}`);
  return fitted(parts.join(" · "), WIDTH - 2 * EDGE, 12);
}
