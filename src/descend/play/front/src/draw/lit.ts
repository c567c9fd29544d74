import type { Step } from "../protocol/messages";
import type { Shown } from "./network_values";

/** Layers whose nodes, and W whose edges a step of a round is about; and which numbers it takes of them. */
export interface Lit {
  nodes: number[];
  edges: number[];
  shown: Shown;
}

const V_AND_W: Shown = { deltaFrom: Infinity, gradients: false, maps: false };

/** What is lit at a step, in a network whose last layer is `depth`. */
export function litBy({ part, layer }: Pick<Step, "part" | "layer">, depth: number): Lit {
  switch (part) {
    case "row":
      return { nodes: [0], edges: [], shown: V_AND_W };
    case "forward":
      return { nodes: [layer - 1, layer], edges: [layer - 1], shown: V_AND_W };
    case "loss":
      return { nodes: [depth], edges: [], shown: V_AND_W };
    case "delta":
      return {
        nodes: layer < depth ? [layer, layer + 1] : [depth],
        edges: layer < depth ? [layer] : [],
        shown: { ...V_AND_W, deltaFrom: layer },
      };
    case "gradient":
      return {
        nodes: [layer, layer + 1],
        edges: [layer],
        shown: { ...V_AND_W, deltaFrom: layer + 1, gradients: true },
      };
    case "update":
      return { nodes: [], edges: [layer], shown: V_AND_W };
    default:
      return {
        nodes: Array.from({ length: depth + 1 }, (_, l) => l),
        edges: Array.from({ length: depth }, (_, l) => l),
        shown: V_AND_W,
      };
  }
}
