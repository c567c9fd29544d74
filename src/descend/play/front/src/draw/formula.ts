/** A part of a formula: plain text, or what stands lower or higher. */
export interface FormulaPart {
  text: string;
  place: "line" | "sub" | "sup";
}

const MARKED = /_(\{[^}]*\}|\w+)|\^(\{[^}]*\}|\([^()]*\)|[−-]?[\d.]+(?:e[+−-]?\d+)?|[−-]?\w+)/gu;
const SYMBOL = /[A-Za-zδ∂σηλ̃]$/u;

/** Splits "W_0[1,2] = e^x" into parts; "_" counts only after a symbol of one letter, so that names stay as they are. */
export function formulaParts(text: string): FormulaPart[] {
  const parts: FormulaPart[] = [];
  let start = 0;
  for (const match of text.matchAll(MARKED)) {
    const [low, high] = [match[1], match[2]];
    if (low !== undefined && !isIndex(text.slice(0, match.index), low)) continue;
    if (match.index > start) parts.push({ text: text.slice(start, match.index), place: "line" });
    parts.push({ text: (low ?? high).replace(/^[{]|[}]$/g, ""), place: low === undefined ? "sup" : "sub" });
    start = match.index + match[0].length;
  }
  if (start < text.length) parts.push({ text: text.slice(start), place: "line" });
  return parts;
}

function isIndex(before: string, low: string): boolean {
  return SYMBOL.test(before) && !/[A-Za-z]{2}$/.test(before) && /^([{]|\d+$|[a-zℓ]$)/u.test(low);
}
