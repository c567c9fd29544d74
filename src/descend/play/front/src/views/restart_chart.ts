import uPlot from "uplot";
import type { Look } from "../draw/colours";
import { nearestIndex, thinned, valueRange } from "../draw/curves";
import { short } from "../draw/numbers";
import type { RestartCurves } from "../draw/restart_curves";
import type { NumberArray } from "../protocol/frames";

const MOST_POINTS = 400;
const NEAR = 12;

/** Loss curves by uPlot: its axes, cursor and scales; the curves by a few paths, so that 256 of them stay fluid. */
export class RestartChart {
  private readonly plot: uPlot;
  private curves: RestartCurves | null = null;
  private points: number[] = [];

  constructor(
    place: HTMLElement,
    width: number,
    height: number,
    private readonly look: Look,
    log: boolean,
  ) {
    const axis = {
      stroke: look.muted,
      font: `${11 * look.scale}px ${look.font}`,
      grid: { stroke: look.grid, width: 1 },
      ticks: { stroke: look.line, width: 1 },
    };
    this.plot = new uPlot(
      {
        width,
        height,
        padding: [8, 16, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: () => this.range(0) },
          y: { distr: log ? 3 : 1, range: () => this.range(1) },
        },
        series: [{}, { paths: () => null, points: { show: false } }],
        axes: [
          {
            ...axis,
            size: 26 * look.scale,
            values: (_, splits) => splits.map((x) => (Number.isInteger(x) ? String(x) : "")),
          },
          {
            ...axis,
            size: 52 * look.scale,
            space: 26 * look.scale,
            values: (_, splits) => splits.map((y) => (y === null ? "" : short(y, 3))),
          },
        ],
        hooks: { draw: [() => this.draw()] },
      },
      [
        [0, 1],
        [0, 1],
      ],
      place,
    );
  }

  show(curves: RestartCurves): void {
    this.curves = curves;
    this.points = thinned(curves.epochs.length, MOST_POINTS);
    const xs = this.points.map((i) => curves.epochs[i]);
    this.plot.setData([xs, xs.map(() => 1)]);
  }

  destroy(): void {
    this.plot.destroy();
  }

  /** The restart whose validation or training curve is nearest to a place in the plot; −1 where none is near. */
  restartAt(event: MouseEvent): number {
    const { curves, plot } = this;
    if (!curves || this.points.length === 0) return -1;
    const box = plot.over.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const at = nearestIndex(curves.epochs, plot.posToVal(x, "x"));
    let [best, least] = [-1, NEAR];
    for (const data of this.drawn())
      for (let restart = 0; restart < curves.status.length; restart++) {
        const far = Math.abs(plot.valToPos(data[restart * curves.epochs.length + at], "y") - y);
        if (far < least) [best, least] = [restart, far];
      }
    return best;
  }

  private drawn(): NumberArray[] {
    const { loss, validation, training } = this.curves!;
    return [validation ?? loss, training && validation ? loss : null].filter((one) => one !== null);
  }

  private range(axis: 0 | 1): [number, number] {
    const { curves } = this;
    const count = curves?.epochs.length ?? 0;
    if (!curves || count === 0) return axis === 0 ? [0, 1] : [0.1, 1];
    if (axis === 0) return [Math.min(curves.epochs[0], 1), Math.max(curves.epochs[count - 1], curves.planned, 2)];
    const sound = (restart: number) => curves.status[restart] !== "diverged";
    const parts = this.drawn().flatMap((data) =>
      curves.status
        .map((_, r) => r)
        .filter(sound)
        .map((r) => data.subarray(r * count, (r + 1) * count)),
    );
    return valueRange(parts, curves.log) ?? [0.1, 1];
  }

  private draw(): void {
    const { curves, plot, look } = this;
    if (!curves || curves.epochs.length === 0) return;
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.lineJoin = "round";
    this.drawRaces(ratio);
    const all = curves.status.map((_, restart) => restart);
    const killed = all.filter((r) => curves.status[r] === "killed" && r !== curves.shown);
    const others = all.filter((r) => curves.status[r] !== "killed" && r !== curves.shown);
    const { validation, loss } = curves;
    const main = validation ?? loss;
    const dashed = curves.training && validation ? loss : null;
    const pen = (restarts: number[], data: NumberArray | null, colour: string, wide: number, dash: number[]) => {
      if (data === null || restarts.length === 0) return;
      ctx.strokeStyle = colour;
      ctx.lineWidth = wide * ratio;
      ctx.setLineDash(dash.map((part) => part * ratio));
      ctx.stroke(this.path(restarts, data));
    };
    const dash = [4, 3];
    if (curves.status.length <= MOST_DASHED) {
      pen(killed, dashed, look.killed, 1, dash);
      pen(others, dashed, look.restart, 1, dash);
    }
    pen(killed, main, look.killed, 1, []);
    pen(others, main, look.restart, 1.25, []);
    pen([curves.shown], dashed, look.accent, 1.5, dash);
    pen([curves.shown], main, look.accent, 2.5, []);
    ctx.restore();
  }

  private drawRaces(ratio: number): void {
    const { plot, look } = this;
    const { top, height } = plot.bbox;
    plot.ctx.strokeStyle = look.muted;
    plot.ctx.lineWidth = ratio;
    plot.ctx.setLineDash([1 * ratio, 4 * ratio]);
    plot.ctx.beginPath();
    for (const epoch of this.curves!.races) {
      const x = Math.round(plot.valToPos(epoch, "x", true)) + 0.5;
      plot.ctx.moveTo(x, top);
      plot.ctx.lineTo(x, top + height);
    }
    plot.ctx.stroke();
  }

  /** All those restarts' curves as one path; a gap where a value cannot be drawn. */
  private path(restarts: number[], data: NumberArray): Path2D {
    const { plot, points } = this;
    const { epochs, log } = this.curves!;
    const xs = points.map((i) => plot.valToPos(epochs[i], "x", true));
    const path = new Path2D();
    for (const restart of restarts) {
      let up = true;
      for (let k = 0; k < points.length; k++) {
        const value = data[restart * epochs.length + points[k]];
        if (!Number.isFinite(value) || (log && value <= 0)) {
          up = true;
          continue;
        }
        const y = plot.valToPos(value, "y", true);
        if (up) path.moveTo(xs[k], y);
        else path.lineTo(xs[k], y);
        up = false;
      }
    }
    return path;
  }
}

/** Training curves of more restarts than this are drawn of the one looked at alone. */
export const MOST_DASHED = 32;
