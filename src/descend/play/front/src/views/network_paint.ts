import { Ramp, inkOn, type Look } from "../draw/colours";
import type { Layout } from "../draw/layout";
import type { Lit } from "../draw/lit";
import { HEALTH, nodeName } from "../draw/naming";
import { edgeWidth, nodeValue, quantity, type NetworkValues, type Shown } from "../draw/network_values";
import { short } from "../draw/numbers";
import { tight } from "../draw/words";
import type { Experiment } from "../protocol/messages";
import { paintRaster } from "./network_raster";
import { sized } from "./stage";

/** Brings an SVG of a network up to date with a picture; touches only what is different from the last time. */
export class NetworkPainter {
  private readonly edges: Element[];
  private readonly nodes: Element[];
  private readonly means: Element[];
  /** Below the heading of the inputs: what they show where that is not v. */
  private readonly inputs: Element | null;
  private readonly last = new WeakMap<Element, Map<string, string>>();
  private readonly ramp: Ramp;

  constructor(
    svg: SVGSVGElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly layout: Layout,
    private readonly experiment: Experiment,
    private readonly look: Look,
  ) {
    this.edges = [...svg.querySelectorAll(".net-edge")];
    this.nodes = [...svg.querySelectorAll(".net-node")];
    this.inputs = svg.querySelector(".net-quantity");
    this.means = [...svg.querySelectorAll(".net-mean")];
    this.ramp = new Ramp(look);
  }

  paint(values: NetworkValues, shown: Shown, lit?: Lit): void {
    this.paintEdges(values);
    this.paintMeans(values);
    if (this.inputs) this.write(this.inputs, shown.deltaFrom === 0 ? "∂L/∂v" : "");
    const pictures = values.maps !== null;
    for (const node of this.nodes) this.paintNode(node, values, shown, pictures);
    const context = sized(this.canvas, this.layout.width, this.layout.height);
    paintRaster(context, this.layout, this.experiment, values, this.look, this.ramp, lit);
  }

  private paintEdges(values: NetworkValues): void {
    let i = 0;
    const { columns, weights } = this.layout;
    for (const { layer, block } of weights) {
      if (block !== null) continue;
      const wide = this.experiment.sizes[layer + 1];
      for (const a of columns[layer].nodes)
        for (let to = 0; to < wide; to++, i++) {
          const share = values.edges
            ? values.edges[values.edgeStarts[layer] + a.index * wide + to] / values.edgeMost
            : NaN;
          this.put(this.edges[i], "stroke", this.ramp.text(share));
          this.put(this.edges[i], "stroke-width", String(edgeWidth(share, this.layout.edge)));
        }
    }
  }

  private paintMeans({ mean }: NetworkValues): void {
    const blocks = this.layout.weights.filter(({ block }) => block !== null);
    this.means.forEach((text, i) => {
      const { layer } = blocks[i >> 1];
      const fits = mean !== null && this.layout.spacing > 6.5 * this.layout.font;
      this.write(text, fits ? `${i % 2 ? "largest" : "mean |w|"} ${short(mean[2 * layer + (i % 2)], 2)}` : "");
    });
  }

  private paintNode(group: Element, values: NetworkValues, shown: Shown, pictures: boolean): void {
    const layer = Number(group.getAttribute("data-layer"));
    const index = Number(group.getAttribute("data-index"));
    const value = nodeValue(values, layer, index);
    const fill = this.ramp.text(value / values.nodeMost[layer]);
    const shape = group.querySelector(".net-shape");
    if (shape) this.put(shape, "fill", pictures ? "none" : fill);
    const text = group.querySelector(".net-value");
    if (text) {
      this.put(text, "fill", inkOn(fill));
      this.write(text, pictures || Number.isNaN(value) ? "" : tight(value));
    }
    const health = HEALTH[this.healthOf(values, layer, index)] ?? HEALTH[0];
    const mark = group.querySelector(".net-mark");
    if (mark) this.write(mark, health.mark);
    const known = Number.isNaN(value) ? "" : `: ${quantity(shown, layer)} = ${tight(value)}`;
    this.put(
      group,
      "aria-label",
      nodeName(this.experiment, layer, index) + known + (health.word ? `, ${health.word}` : ""),
    );
  }

  private healthOf(values: NetworkValues, layer: number, index: number): number {
    const hidden = layer > 0 && layer < this.experiment.sizes.length - 1;
    return hidden && values.health ? values.health[values.nodeStarts[layer] - this.experiment.sizes[0] + index] : 0;
  }

  private put(element: Element, name: string, value: string): void {
    if (this.changed(element, name, value)) element.setAttribute(name, value);
  }

  private write(element: Element, text: string): void {
    if (this.changed(element, "#text", text)) element.textContent = text;
  }

  private changed(element: Element, name: string, value: string): boolean {
    let known = this.last.get(element);
    if (known === undefined) this.last.set(element, (known = new Map()));
    if (known.get(name) === value) return false;
    known.set(name, value);
    return true;
  }
}
