/** Arrays that come with a message, by name. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;
export interface Shaped<A extends NumberArray = NumberArray> {
  shape: number[];
  data: A;
}
export type Arrays = Record<string, Shaped>;

export interface ArrayHead {
  name: string;
  dtype: "float32" | "float64" | "int32" | "uint8";
  shape: number[];
}

const KINDS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

/** Where `head`'s bytes stand in `buffer` from `start`. */
function arrayAt(head: ArrayHead, buffer: ArrayBuffer, start: number): Shaped {
  const size = head.shape.reduce((product, n) => product * n, 1);
  const Kind = KINDS[head.dtype];
  const aligned = start % Kind.BYTES_PER_ELEMENT === 0;
  const bytes = size * Kind.BYTES_PER_ELEMENT;
  return {
    shape: head.shape,
    data: aligned ? new Kind(buffer, start, size) : new Kind(buffer.slice(start, start + bytes)),
  };
}

/** Arrays of a message whose bytes come apart: a notebook's buffers. */
export function arraysOfBuffers(heads: ArrayHead[], buffers: ArrayBufferView[]): Arrays {
  return Object.fromEntries(heads.map((head, i) => [head.name, arrayAt(head, buffers[i].buffer as ArrayBuffer, buffers[i].byteOffset)]));
}

/** A message in one binary frame: length of the JSON, the JSON, arrays at multiples of 8. */
export function parseFrame(frame: ArrayBuffer): { message: unknown; arrays: Arrays } {
  const length = new DataView(frame).getUint32(0, true);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length)));
  const arrays: Arrays = {};
  let start = 4 + length;
  for (const head of (message.arrays ?? []) as ArrayHead[]) {
    start = Math.ceil(start / 8) * 8;
    arrays[head.name] = arrayAt(head, frame, start);
    start += arrays[head.name].data.byteLength;
  }
  return { message, arrays };
}
