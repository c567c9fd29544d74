/** A symbol of the mathematics; what follows _ is set low: "n_ℓ". */
export function Symbol({ text }: { text: string }) {
  const [sign, index] = text.split("_");
  return (
    <span class="symbol" aria-hidden="true">
      <i>{sign}</i>
      {index !== undefined && <sub>{index}</sub>}
    </span>
  );
}
