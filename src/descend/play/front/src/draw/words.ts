import { short } from "./numbers";

const EM = 0.57;

/** About how wide `text` is, in the font's px. */
export function textWidth(text: string, px: number): number {
    return text.length * EM * px;
}

/** `text`, cut with … where it is wider than `width`; "" where not even two letters fit. */
export function fitted(text: string, width: number, px: number): string {
    if (textWidth(text, px) <= width) return text;
    const letters = Math.floor(width / (EM * px)) - 1;
    return letters < 2 ? "" : `${text.slice(0, letters)}…`;
}

/** A number in at most six or seven letters, for the inside of a node. */
export function tight(x: number): string {
    const text = short(x, 3);
    return text.length <= 6 ? text : short(x, 1);
}

/** A class's name as it is shown: `classes[i]`, or its number. */
export function className(classes: string[], index: number): string {
    return classes[index] ?? String(index);
}
