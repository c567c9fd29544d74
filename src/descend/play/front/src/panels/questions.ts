import type { View } from "../frame/page";
import type { Settings } from "../protocol/messages";

/** A newcomer's question, its answer, and the experiment that shows it; all other settings are the defaults. */
export interface Question {
  asked: string;
  answer: string[];
  /** Where to look when it is shown. */
  look: string;
  settings: Partial<Settings>;
  view: View;
  plays: boolean;
}

export const QUESTIONS: Question[] = [
  {
    asked: "Why does the network on XOR with 2 hidden nodes sometimes fail?",
    answer: [
      "Because the loss has more than one valley. Two nodes draw two lines, and only a few ways to lay them keep the opposite corners of XOR together. Where a run ends depends on where it starts: from some starting weights every small step downhill leads to a place where a corner stays wrong, and no small step from there makes the loss smaller.",
      "“Show me” runs 16 restarts that differ in nothing but their starting weights.",
    ],
    look: "Most restarts lay a band over two opposite corners; some stay high, lower right. Click on a high one: its surface leaves a corner on the wrong side. With 4 nodes in place of 2 there are more ways to do it, and fewer runs fail.",
    settings: { data: "xor", hidden: [2], activation: ["tanh"], race: false, seed: 1 },
    view: "restarts",
    plays: true,
  },
  {
    asked: "What happens in one round of learning?",
    answer: [
      "A row goes forward through the network, the loss says how wrong the answer is, and the chain rule carries that back from layer to layer: δ is how the loss changes with a node's sum s. Each weight then moves by −η times its gradient.",
    ],
    look: "“One round” goes through it line by line, with the numbers plugged in: press “next”.",
    settings: { hidden: [2], activation: ["tanh"] },
    view: "round",
    plays: false,
  },
  {
    asked: "What does a step size that is too large do?",
    answer: [
      "A gradient says which way is down here, not how far. With too large an η a round jumps over the valley to a point that is worse, and the next one from there: the curves shake, or the weights grow without end and the restart is reported as diverged.",
    ],
    look: "With η = 3 the curves shake and do not settle. Set the step size back to 0.05 under Training, and press Play.",
    settings: { learning_rate: 3 },
    view: "restarts",
    plays: true,
  },
  {
    asked: "Why are the starting weights random and not 0?",
    answer: [
      "Nodes of a layer that start alike get the same gradient in every round and stay alike for ever: the layer acts as one node. Random weights tell them apart.",
    ],
    look: "Under Network, set Start to “all zeros”: it is refused, and the reason is said.",
    settings: {},
    view: "settings",
    plays: false,
  },
];
