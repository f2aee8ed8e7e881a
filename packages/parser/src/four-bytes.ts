const EACH_LOWER_CASE_BIT = 0x20202020

/**
 * Four bytes as one number, the first lowest, capitals made small; at most three of them may lie behind the input.
 * "-" stays, but CR becomes it: only for what is known to hold no control.
 */
export function fourLowerCase(view: DataView, at: number): number {
  return view.getInt32(at, true) | EACH_LOWER_CASE_BIT
}

/** The number that four characters make. */
export function fourOf(text: string, at = 0): number {
  let number = 0
  for (let i = 3; i >= 0; i--) number = (number << 8) | text.charCodeAt(at + i)
  return number
}

/** A word in lower case of at least four letters: its length, then four letters at a time, the last overlapping. */
export function foursOf(text: string): Int32Array {
  const count = (text.length + 3) >> 2
  const fours = Array.from({ length: count }, (_, i) => fourOf(text, Math.min(i * 4, text.length - 4)))
  return Int32Array.of(text.length, ...fours)
}

/** Whether the bytes are the word that made `fours`, in any case. See `fourLowerCase`. */
export function foursMatch(fours: Int32Array, view: DataView, from: number, to: number): boolean {
  if (fours[0] !== to - from) return false
  for (let i = 1, at = from; i < fours.length; i++, at += 4) {
    if (fourLowerCase(view, at < to - 4 ? at : to - 4) !== fours[i]) return false
  }
  return true
}
