import type { Stats } from 'node:fs'
import { identityOf, isSameFile } from './cached-file.ts'
import type { OpenedFile } from './opened-file.ts'

/**
 * The content of an opened file, with the `stats` it belongs to: those from before and after the reading must agree, or
 * old length and new bytes would be mixed. Null bytes when the file does not hold still.
 */
export async function readWhole(
  file: OpenedFile,
  stats: Stats,
): Promise<{ bytes: Uint8Array | null; stats: Stats }> {
  let before = stats
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const bytes = await readExactly(file, before.size)
    const after = await file.stat()
    if (bytes !== null && isSameFile(identityOf(before), identityOf(after))) return { bytes, stats: after }
    before = after
    // Grown beyond what was allowed for: not to be kept.
    if (after.size > stats.size && attempt > 0) break
  }
  return { bytes: null, stats: before }
}

/** Readings. A log that is written to all the time is not worth more. */
const MAX_ATTEMPTS = 3

/** Null when the file ends earlier. */
async function readExactly(file: OpenedFile, size: number): Promise<Uint8Array | null> {
  // Not from the shared pool: a few kept bytes would hold a whole slab.
  const bytes = Buffer.allocUnsafeSlow(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled)
    if (bytesRead === 0) return null
    filled += bytesRead
  }
  return bytes
}
