import { useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { LIGHT, TOKENS, type Look } from "../draw/colours";

/** Size and look of the place in which a view draws. */
export interface Stage {
  width: number;
  height: number;
  look: Look;
}

/** The look that the custom properties around `element` give; LIGHT's where one is not set. */
export function lookOf(element: Element): Look {
  const style = getComputedStyle(element);
  const token = (name: string, fallback: string) => style.getPropertyValue(`--${name}`).trim() || fallback;
  const colours = Object.fromEntries(TOKENS.map((name) => [name, token(name, LIGHT[name])])) as Pick<
    Look,
    (typeof TOKENS)[number]
  >;
  return {
    ...colours,
    scale: Number(token("scale", "1")) || 1,
    font: token("font", LIGHT.font),
    classes: LIGHT.classes.map((fallback, i) => token(`class-${i + 1}`, fallback)),
  };
}

/** Follows size and look of an element; null until it stands in the page. */
export function useStage(ref: RefObject<HTMLElement | null>): Stage | null {
  const [stage, setStage] = useState<Stage | null>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      const now = { width, height, look: lookOf(element) };
      setStage((before) => (JSON.stringify(before) === JSON.stringify(now) ? before : now));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    const looks = new MutationObserver(measure);
    for (let around = element.parentElement; around !== null; around = around.parentElement)
      if (around.classList.contains("descend"))
        looks.observe(around, { attributes: true, attributeFilter: ["data-theme", "data-talk", "class"] });
    return () => {
      sizes.disconnect();
      looks.disconnect();
    };
  }, []);
  return stage;
}

/** A canvas of that size in CSS pixels, sharp on fine screens, empty. */
export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
