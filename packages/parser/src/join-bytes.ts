/** Several pieces as one; a single piece is not copied. */
export function joinBytes(pieces: Uint8Array[]): Uint8Array {
  const filled = pieces.filter((piece) => piece.length > 0)
  if (filled.length === 1) return filled[0]!
  const joined = new Uint8Array(filled.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of filled) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
