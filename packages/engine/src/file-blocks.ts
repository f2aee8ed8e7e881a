/** Bytes. Large enough that a read's way through the thread pool is small beside its copy. */
const BLOCK_BYTES = 1024 * 1024

/** Blocks kept for the next file. Two a reader: eight readers find theirs here, at 16 MiB. */
const MAX_KEPT = 16

const kept: Buffer[] = []

/** A block for reading a file of that many bytes: small files get small ones. */
export function borrowBlock(fileBytes: number): Buffer {
  if (fileBytes < BLOCK_BYTES) return Buffer.allocUnsafe(Math.max(1, fileBytes))
  return kept.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
}

/** Gives a block back whose bytes nobody needs any more. */
export function returnBlock(block: Buffer): void {
  if (block.length === BLOCK_BYTES && kept.length < MAX_KEPT) kept.push(block)
}
