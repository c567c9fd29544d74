import { formulaParts } from "../draw/formula";

/** A formula or a line of numbers, with its indices low and its powers high. */
export function Formula({ text }: { text: string }) {
  return (
    <>
      {formulaParts(text).map((part, i) => {
        if (part.place === "sub") return <sub key={i}>{part.text}</sub>;
        if (part.place === "sup") return <sup key={i}>{part.text}</sup>;
        return part.text;
      })}
    </>
  );
}
