const EACH_LOWER_CASE_BIT = 0x20202020

/** Four bytes as one number, the first lowest; at most three of them may lie behind the input. */
export function four(view: DataView, at: number): number {
  return view.getInt32(at, true)
}

/** The same with capitals made small. "-" stays, but CR becomes it: only for what is known to hold no control. */
export function fourLowerCase(view: DataView, at: number): number {
  return view.getInt32(at, true) | EACH_LOWER_CASE_BIT
}

/** The number that four characters make. */
export function fourOf(text: string): number {
  return (
    text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24)
  )
}
