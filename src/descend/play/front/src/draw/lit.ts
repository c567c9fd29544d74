import type { Step } from "../protocol/messages";

/** Layers whose nodes, and W whose edges a step of a round is about. */
export interface Lit {
  nodes: number[];
  edges: number[];
  backward: boolean;
}

/** What is lit at a step, in a network whose last layer is `depth`. */
export function litBy({ part, layer }: Pick<Step, "part" | "layer">, depth: number): Lit {
  switch (part) {
    case "row":
      return { nodes: [0], edges: [], backward: false };
    case "forward":
      return { nodes: [layer - 1, layer], edges: [layer - 1], backward: false };
    case "loss":
      return { nodes: [depth], edges: [], backward: false };
    case "delta":
      return {
        nodes: layer < depth ? [layer, layer + 1] : [depth],
        edges: layer < depth ? [layer] : [],
        backward: true,
      };
    case "gradient":
      return { nodes: [layer, layer + 1], edges: [layer], backward: true };
    case "update":
      return { nodes: [], edges: [layer], backward: false };
    default:
      return {
        nodes: Array.from({ length: depth + 1 }, (_, l) => l),
        edges: Array.from({ length: depth }, (_, l) => l),
        backward: false,
      };
  }
}
