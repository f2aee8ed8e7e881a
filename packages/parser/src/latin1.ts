/** Below this many bytes, a loop is faster than a call out of JavaScript. */
const SHORT = 12

interface Latin1Slicer {
  latin1Slice?(this: Uint8Array, from: number, to: number): string
}

/** Node, Bun and Deno bring a native decoder along as a method of Buffer, which takes any Uint8Array. */
const nativeSlice = (globalThis as { Buffer?: { prototype?: Latin1Slicer } }).Buffer?.prototype?.latin1Slice

/** One character for each byte, as field values are to be read (RFC 9110 §5.5). */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  if (nativeSlice !== undefined && to - from > SHORT) return nativeSlice.call(bytes, from, to)
  let text = ''
  let at = from
  for (; at + 4 <= to; at += 4) {
    text += String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!)
  }
  for (; at < to; at++) text += String.fromCharCode(bytes[at]!)
  return text
}
