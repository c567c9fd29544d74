import { useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Look } from "../draw/colours";
import { existsIn, pickedAt, samePicked, type Picked } from "../draw/hit";
import { layoutNetwork } from "../draw/layout";
import type { Lit } from "../draw/lit";
import { networkValues, type Shown } from "../draw/network_values";
import type { Experiment } from "../protocol/messages";
import { useStore } from "../store";
import { NetworkPainter } from "./network_paint";
import { NetworkStructure, PickedMark } from "./network_structure";
import { selectionOf } from "./selection";
import { useStage } from "./stage";
import "./network.css";

interface Drawing {
  shown: Shown;
  /** Of a walk through a round: what it is about; all else is pale. */
  lit?: Lit;
}

/** The network as it is now; fills its place, is painted anew with each picture. */
export function NetworkDrawing({ shown, lit }: Drawing) {
  const store = useStore();
  const place = useRef<HTMLDivElement>(null);
  const stage = useStage(place);
  const experiment = store.experiment.value?.message ?? null;
  return (
    <div class="net-place" ref={place}>
      {stage && experiment && (
        <Sized
          experiment={experiment}
          width={stage.width}
          height={stage.height}
          look={stage.look}
          shown={shown}
          lit={lit}
        />
      )}
    </div>
  );
}

interface SizedDrawing extends Drawing {
  experiment: Experiment;
  width: number;
  height: number;
  look: Look;
}

function Sized({ experiment, width, height, look, shown, lit }: SizedDrawing) {
  const store = useStore();
  const selection = selectionOf(store);
  const svg = useRef<SVGSVGElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useSignal<Picked>({ what: "node", layer: 0, from: 0, to: 0 });
  const squares = experiment.kind === "plane" && shown.maps;
  const { sizes, bias, inputs, outputs } = experiment;
  const layout = useMemo(
    () => layoutNetwork({ sizes, bias, inputs, outputs, width, height, scale: look.scale, squares }),
    [JSON.stringify([sizes, bias, inputs, outputs]), width, height, look.scale, squares],
  );
  const painter = useRef<NetworkPainter | null>(null);
  const paint = () => {
    const picture = store.picture.value;
    if (painter.current && picture) painter.current.paint(networkValues(experiment, picture.arrays, shown), shown, lit);
  };
  useLayoutEffect(() => {
    if (svg.current && canvas.current)
      painter.current = new NetworkPainter(svg.current, canvas.current, layout, experiment, look);
    paint();
  }, [layout, experiment, look, shown, lit]);
  useSignalEffect(paint);

  const at = (event: MouseEvent): Picked | null => {
    const box = svg.current!.getBoundingClientRect();
    return pickedAt(layout, experiment, event.clientX - box.left, event.clientY - box.top);
  };
  const hover = (event: MouseEvent) => {
    const picked = at(event);
    if (picked !== null && !samePicked(picked, selection.hovered.value)) selection.hovered.value = picked;
  };
  const pin = (picked: Picked | null) => {
    selection.pinned.value = samePicked(picked, selection.pinned.value) ? null : picked;
  };
  const keys = (event: KeyboardEvent) => {
    const next = moved(cursor.value, event.key, experiment.sizes);
    if (event.key === "Enter" || event.key === " ") pin(cursor.value);
    else if (event.key === "Escape") pin(null);
    else if (next === null) return;
    else {
      cursor.value = selection.hovered.value = next;
      (
        svg.current?.querySelector(
          `[data-layer="${next.layer}"][data-index="${next.to}"], .net-block[data-layer="${next.layer}"]`,
        ) as SVGElement | null
      )?.focus();
    }
    event.preventDefault();
  };
  if (!existsIn(experiment, cursor.value)) cursor.value = { what: "node", layer: 0, from: 0, to: 0 };
  return (
    <>
      <svg
        ref={svg}
        class={`net${lit ? " net-walk" : ""}`}
        width={width}
        height={height}
        role="group"
        aria-label={`Network ${experiment.sizes.join("-")}. Arrow keys go from node to node, Enter pins one.`}
        onPointerMove={hover}
        onClick={(event) => pin(at(event))}
        onKeyDown={keys}
      >
        <NetworkStructure
          layout={layout}
          experiment={experiment}
          cursor={cursor.value}
          lit={lit}
          onFocus={(picked) => {
            cursor.value = selection.hovered.value = picked;
          }}
        />
        <PickedMark
          layout={layout}
          experiment={experiment}
          picked={selection.pinned.value ?? selection.hovered.value}
        />
      </svg>
      <canvas ref={canvas} class="net-canvas" aria-hidden="true" />
    </>
  );
}

/** The node that an arrow key leads to; null for other keys. */
function moved(from: Picked, key: string, sizes: number[]): Picked | null {
  const side = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const down = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
  if (side === 0 && down === 0) return null;
  const layer = Math.max(0, Math.min(sizes.length - 1, from.layer + side));
  const to = Math.max(0, Math.min(sizes[layer] - 1, from.to + down));
  return { what: "node", layer, from: 0, to };
}
