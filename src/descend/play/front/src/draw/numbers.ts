const MINUS = "−";

/** A number as Python's `figure(x, 17)` writes it: reads back as exactly `x`, with a real minus sign. */
export function full(x: number): string {
  if (Number.isNaN(x)) return "nan";
  const sign = x < 0 || Object.is(x, -0) ? MINUS : "";
  if (!Number.isFinite(x)) return `${sign}inf`;
  const [mantissa, power] = Math.abs(x).toExponential().split("e");
  return sign + (x === 0 ? "0" : written(mantissa.replace(".", ""), Number(power)));
}

/** Digits d_1 d_2 … with the value d_1.d_2… · 10^power, written as Python's repr does, without ".0" at the end. */
function written(digits: string, power: number): string {
  if (power < -4 || power >= 16) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${digits[0]}${tail}e${power < 0 ? MINUS : "+"}${size}`;
  }
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  if (digits.length <= power + 1) return digits.padEnd(power + 1, "0");
  return `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}

const WHOLE_DIGITS = 6;

/** A number for narrow places: so many significant digits, but never less than all digits before the point. */
export function short(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return full(x);
  const before = Math.abs(x) < 10 ** WHOLE_DIGITS ? Math.floor(Math.log10(Math.abs(x) || 1)) + 1 : 0;
  return full(Number(x.toPrecision(Math.max(digits, before))));
}
