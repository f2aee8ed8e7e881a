import { HeadScan } from './head-scan.ts'
import { DEFAULTS } from './options.ts'

/**
 * How much of a pushed chunk is copied to where it can be read four bytes at a time: most heads are below 2 KiB, and
 * a window of this size stays in the processor's first cache.
 */
const WINDOW_BYTES = 8 * 1024
/** One byte for the NUL behind the last one, and the rest of a word that is read past it. */
const SPARE_BYTES = 8

/**
 * The one scan for heads that come in one piece, shared by every parser of this thread: it is used only within one
 * call, so a connection that waits holds no index and no copy.
 */
export const sharedScan = new HeadScan(new ArrayBuffer(WINDOW_BYTES + SPARE_BYTES), DEFAULTS)

let loadedKey = 0
/** Where in the chunk the window begins, and where it ends. */
export let loadedFrom = 0
export let loadedTo = 0
let lastKey = 0

/** A name for a chunk that was pushed just now: the same array pushed again is another chunk. */
export function nextChunkKey(): number {
  return ++lastKey
}

/** Makes `chunk` readable from `from` on. Window positions are chunk positions minus `loadedFrom`. */
export function loadWindow(key: number, chunk: Uint8Array, from: number): void {
  if (loadedKey === key && from >= loadedFrom && from < loadedTo) return
  const to = Math.min(chunk.length, from + WINDOW_BYTES)
  const { bytes } = sharedScan
  bytes.set(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to))
  bytes[to - from] = 0 // where every scan stops: NUL belongs to nothing
  loadedKey = key
  loadedFrom = from
  loadedTo = to
}
